"""How Redis is reached: one server, the master that sentinels name, or a cluster.

    redis[s]://[user:password@]host:port/database
    redis[s]+sentinel://[user:password@]host:port,host:port/service[/database]
    redis[s]+cluster://[user:password@]host:port,host:port

The scheme with an s is TLS. Options of the address: `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile` (files), and
`sentinel_username`, `sentinel_password` where the sentinels want others than the servers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from idp.core.addresses import split_address
from idp.core.errors import ConfigError

# The library gives these no types.
_cluster_node: Any = ClusterNode
_sentinel: Any = Sentinel
_PLAIN = ("redis", "rediss", "unix")
_TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_SENTINEL_OPTIONS = ("sentinel_username", "sentinel_password")
_DEFAULT_PORTS = {"sentinel": 26_379, "cluster": 6_379}


@dataclass(frozen=True, slots=True)
class _Group:
    """Several servers: `kind` is sentinel or cluster."""

    kind: str
    hosts: tuple[tuple[str, int], ...]
    service: str
    database: int
    servers: dict[str, Any] = field(repr=False)
    sentinels: dict[str, Any] = field(repr=False)


def check_address(url: str) -> None:
    """Raise ConfigError where the address is none of those above."""
    if split_address(url).scheme not in _PLAIN:
        _parse(url)


def is_cluster(url: str) -> bool:
    """Tell whether the keys are spread over several servers."""
    return split_address(url).scheme in ("redis+cluster", "rediss+cluster")


def open_client(url: str, *, patience_seconds: float, greet: Callable[[Any], None] | None = None) -> Any:
    """Return a client that never repeats a command: one whose answer was lost may have been carried out.

    `greet` is called with every connection that was made, before it is used. Of a cluster the map is asked for
    at once, which raises redis.RedisError, RedisClusterException or OSError.
    """
    options: dict[str, Any] = {
        "socket_timeout": patience_seconds,
        "socket_connect_timeout": patience_seconds,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
    }
    if split_address(url).scheme in _PLAIN:
        return redis.Redis.from_url(url, **options, **_greeting(greet))
    group = _parse(url)
    if group.kind == "sentinel":
        return _master(group, options, greet)
    client = redis.RedisCluster(
        startup_nodes=[_cluster_node(host, port) for host, port in group.hosts],
        # The servers say whether they serve while a shard is lost; the map is of use in either case.
        require_full_coverage=False,
        redis_connect_func=greet,
        **group.servers,
        # Asking for the map may be repeated, and must be: the first server that is asked may be the lost one.
        **options | {"retry": Retry(NoBackoff(), len(group.hosts))},
    )
    client.set_retry(options["retry"])
    return client


def close_client(client: Any) -> None:
    """Close a client's connections, those to sentinels included."""
    client.close()
    manager = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    if manager is not None:
        manager.close()


def close_idle(client: Any) -> None:
    """Close the connections that nobody uses at the moment; whoever needs one opens it anew."""
    if isinstance(client, redis.RedisCluster):
        clients = [
            node.redis_connection
            for node in client.nodes_manager.nodes_cache.values()
            if node.redis_connection is not None
        ]
    else:
        clients = [client]
    for each in clients:
        each.connection_pool.disconnect(inuse_connections=False)


def replicas(client: Any) -> Iterator[tuple[str, Any]]:
    """Return name and client of each replica that the sentinels know; none where there are no sentinels."""
    pool = client.connection_pool
    if not isinstance(pool, SentinelConnectionPool):
        return
    manager = pool.sentinel_manager
    names = ("username", "password", "retry", "socket_timeout", "socket_connect_timeout", *_TLS_OPTIONS)
    options = {name: pool.connection_kwargs[name] for name in names if name in pool.connection_kwargs}
    tls = issubclass(pool.connection_class, redis.SSLConnection)
    for host, port in manager.discover_slaves(pool.service_name):
        yield f"{host}:{port}", redis.Redis(host=host, port=port, ssl=tls, **options)


def _greeting(greet: Callable[[Any], None] | None, *, only_master: bool = False) -> dict[str, Any]:
    if greet is None and not only_master:
        return {}

    def connected(connection: Any) -> None:
        connection.on_connect()
        if only_master:
            _require_master(connection)
        if greet is not None:
            greet(connection)

    return {"redis_connect_func": connected}


def _require_master(connection: Any) -> None:
    """Ask the server itself: a sentinel that was cut off names the master of long ago (Sentinel clients, step 3)."""
    connection.send_command("ROLE")
    role = connection.read_response()
    if not isinstance(role, list) or role[:1] != [b"master"]:
        raise redis.ConnectionError("the sentinels named a server that is no master")


def _master(group: _Group, options: dict[str, Any], greet: Callable[[Any], None] | None) -> Any:
    sentinel = _sentinel(group.hosts, sentinel_kwargs=group.sentinels | options)
    return sentinel.master_for(
        group.service, db=group.database, **group.servers, **options, **_greeting(greet, only_master=True)
    )


def _parse(url: str) -> _Group:
    """Return the servers that the address names; raises ConfigError, without the address: it holds a password."""
    parts = split_address(url)
    scheme, _, kind = parts.scheme.partition("+")
    if scheme not in ("redis", "rediss") or kind not in _DEFAULT_PORTS:
        raise _wrong("begins with none of redis, rediss, redis+sentinel, redis+cluster and the same with rediss")
    hosts = tuple(_host(each, _DEFAULT_PORTS[kind]) for each in parts.hosts)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := asked.keys() - {*_TLS_OPTIONS, *(_SENTINEL_OPTIONS if kind == "sentinel" else ())}:
        raise _wrong(f"has the unknown option {min(unknown)}")
    tls = {"ssl": True, **{name: asked[name] for name in _TLS_OPTIONS if name in asked}} if scheme == "rediss" else {}
    login = {"username": parts.username or None, "password": parts.password or None}
    own = {name.removeprefix("sentinel_"): asked[name] for name in _SENTINEL_OPTIONS if name in asked}
    service, database = _service(kind, parts.path)
    return _Group(kind, hosts, service, database, servers=login | tls, sentinels=own | tls)


def _host(text: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise _wrong("names a host that is none")
    return host, port or default_port


def _service(kind: str, path: str) -> tuple[str, int]:
    names = [part for part in path.split("/") if part]
    if kind == "cluster":
        if names:
            raise _wrong("names a database, of which a cluster has one alone")
        return "", 0
    if not names or len(names) > 2:
        raise _wrong("must end with /service or /service/database")
    database = names[1] if len(names) == 2 else "0"
    if not (database.isascii() and database.isdecimal()):
        raise _wrong("ends with a database that is no number")
    return unquote(names[0]), int(database)


def _wrong(what: str) -> ConfigError:
    return ConfigError(f"short_lived.url: {what}. Compare with docs/operations.md.")
