"""What Redis servers say about themselves, for the operator."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis
from redis.exceptions import RedisClusterException

from idp.core.errors import StoreUnavailable
from idp.storage.short_lived.redis_client import close_client, open_client, replicas

_PATIENCE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """A server's name where there are several, its clock, and what it does when its memory is full.

    The latter is None where it does not tell.
    """

    name: str
    now: datetime
    memory_policy: str | None


def redis_facts(url: str) -> tuple[RedisFacts, ...]:
    """Ask every server: the one, the master and its replicas, or a cluster's nodes; raises StoreUnavailable."""
    try:
        with _opened(url) as client:
            if isinstance(client, redis.RedisCluster):
                cluster: Any = client  # its methods have no types
                return tuple(_ask(cluster.get_redis_connection(node), node.name) for node in cluster.get_nodes())
            found = [_ask(client, "")]
            for name, replica in replicas(client):
                with closing(replica):
                    found.append(_ask(replica, name))
            return tuple(found)
    except (redis.RedisError, RedisClusterException, OSError) as error:
        raise StoreUnavailable(f"redis: {type(error).__name__}") from None


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    client = open_client(url, patience_seconds=_PATIENCE_SECONDS)
    try:
        yield client
    finally:
        close_client(client)


def _ask(client: Any, name: str) -> RedisFacts:
    seconds, microseconds = client.time()
    return RedisFacts(name, datetime.fromtimestamp(seconds + microseconds / 1e6, UTC), _memory_policy(client))


def _memory_policy(client: Any) -> str | None:
    """Return the policy from INFO, which a user without CONFIG may ask too."""
    try:
        told = client.info("memory").get("maxmemory_policy")
    except redis.ResponseError:
        return None
    return str(told) if told else None
