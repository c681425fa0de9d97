"""Addresses of Redis are read strictly, and a refused one is never shown: it holds a password."""

import pytest
import redis

from idp.core.errors import ConfigError
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.redis_client import check_address, close_client, is_cluster, open_client
from tests.support.frozen_clock import FrozenClock


def _open(url: str) -> "redis.Redis":
    client: redis.Redis = open_client(url, patience_seconds=1)
    close_client(client)
    return client


def test_sentinels_are_named_with_their_service() -> None:
    """Hosts with and without port, the service, the database, and what servers and sentinels are told."""
    pool = _open(
        "redis+sentinel://house:p%40ss@s1:1001,s2,[::1]:1003/main/2?sentinel_username=watch&sentinel_password=own"
    ).connection_pool
    told = [each.connection_pool.connection_kwargs for each in pool.sentinel_manager.sentinels]
    assert [(each["host"], each["port"]) for each in told] == [("s1", 1001), ("s2", 26379), ("::1", 1003)]
    assert {(each["username"], each["password"], each["socket_timeout"]) for each in told} == {("watch", "own", 1)}
    assert (pool.service_name, pool.connection_kwargs["db"]) == ("main", 2)
    assert (pool.connection_kwargs["username"], pool.connection_kwargs["password"]) == ("house", "p@ss")
    assert not issubclass(pool.connection_class, redis.SSLConnection)


def test_tls_holds_for_servers_and_sentinels() -> None:
    """rediss means TLS on every connection, with the authorities that the address names, and names are checked."""
    pool = _open("rediss+sentinel://:secret@s1,s2/main?ssl_ca_certs=/etc/ca.pem").connection_pool
    assert issubclass(pool.connection_class, redis.SSLConnection)
    pools = [pool, *(each.connection_pool for each in pool.sentinel_manager.sentinels)]
    for each in pools:
        connection = each.make_connection()
        assert isinstance(connection, redis.SSLConnection)
        assert (connection.ca_certs, connection.check_hostname) == ("/etc/ca.pem", True)


@pytest.mark.parametrize(
    "url",
    [
        "http://:secret@h1/0",
        "redis+other://:secret@h1",
        "secret",
        "redis+sentinel://:secret@s1",
        "redis+sentinel://:secret@s1/",
        "redis+sentinel://:secret@s1/main/x",
        "redis+sentinel://:secret@s1/main/\N{SUPERSCRIPT TWO}",
        "redis+sentinel://:secret@s1/main/0/1",
        "redis+sentinel://:secret@s1,/main",
        "redis+sentinel://:secret@s1:port/main",
        "redis+sentinel://:secret@s1/main?socket_timeout=99",
        "redis+cluster://:secret@h1/0",
        "redis+cluster://:secret@",
        "redis+cluster://:secret@h1:99999",
        "redis+cluster://:secret@h1?sentinel_password=secret",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    """By name of the setting, at the start."""
    with pytest.raises(ConfigError, match=r"^short_lived\.url: ") as refused:
        RedisBackend(url, clock=FrozenClock())
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["redis://h/0", "rediss://h/0", "redis+cluster://h1,h2", "rediss+cluster://h1:7000"])
def test_good_addresses_are_accepted_unheard(url: str) -> None:
    """Nothing is connected to before the first call, so that a start does not depend on the store."""
    check_address(url)
    RedisBackend(url, clock=FrozenClock()).close()


def test_a_prefix_with_a_brace_does_not_go_with_a_cluster() -> None:
    """It would decide about the slot in place of the tag."""
    assert is_cluster("redis+cluster://h1")
    with pytest.raises(ConfigError, match=r"^short_lived\.prefix: "):
        RedisBackend("redis+cluster://h1", clock=FrozenClock(), prefix="{x}:")
    RedisBackend("redis://h1", clock=FrozenClock(), prefix="{x}:").close()
