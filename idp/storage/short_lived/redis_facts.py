"""What a Redis server says about itself, for the operator."""

from dataclasses import dataclass
from datetime import UTC, datetime

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from idp.core.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class RedisFacts:
    """The server's clock, and what it does when its memory is full; None where it does not tell."""

    now: datetime
    memory_policy: str | None


def redis_facts(url: str) -> RedisFacts:
    """Ask the server; raises StoreUnavailable."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        seconds, microseconds = client.time()
        policy = _memory_policy(client)
    except redis.RedisError as error:
        raise StoreUnavailable(f"redis: {type(error).__name__}") from None
    finally:
        client.close()
    return RedisFacts(datetime.fromtimestamp(seconds + microseconds / 1e6, UTC), policy)


def _memory_policy(client: "redis.Redis") -> str | None:
    """Return the policy from INFO, which a user without CONFIG may ask too."""
    try:
        told = client.info("memory").get("maxmemory_policy")
    except redis.ResponseError:
        return None
    return str(told) if told else None
