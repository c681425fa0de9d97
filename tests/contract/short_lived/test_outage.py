"""A server that is gone, came back empty, or came back with an older snapshot."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from idp.core.errors import StoreUnavailable
from idp.crypto.keyring import Keyring
from idp.storage.short_lived.backend import Backend
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.sql import SqlBackend
from idp.storage.short_lived.store import Kind, ShortLivedStore
from tests.support.frozen_clock import FrozenClock
from tests.support.redis_server import PrivateRedis

CALLS: dict[str, Callable[[Backend], object]] = {
    "put": lambda backend: backend.put("a", b"1", 60),
    "get": lambda backend: backend.get("a"),
    "take": lambda backend: backend.take("a"),
    "update": lambda backend: backend.update("a", b"1", b"2"),
    "add_once": lambda backend: backend.add_once("a", b"1", 60),
    "delete": lambda backend: backend.delete("a"),
    "increment": lambda backend: backend.increment("a", 60),
    "ping": lambda backend: backend.ping(),
}


@pytest.fixture
def server(private_redis: Callable[..., PrivateRedis]) -> PrivateRedis:
    """A server without a journal: it comes back with the last snapshot that was saved."""
    return private_redis()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def backend(server: PrivateRedis, clock: FrozenClock) -> Iterator[RedisBackend]:
    made = RedisBackend(server.url, clock=clock)
    yield made
    made.close()


@pytest.fixture
def store(backend: RedisBackend, keyring: Keyring) -> ShortLivedStore:
    return ShortLivedStore(backend=backend, keyring=keyring)


def test_a_killed_server_is_unavailable_and_nothing_else(server: PrivateRedis, backend: RedisBackend) -> None:
    """Every call raises StoreUnavailable, with a text free of addresses and passwords, and works again later."""
    for call in CALLS.values():
        call(backend)
    server.kill()
    for call in (*CALLS.values(), lambda backend: backend.epoch("a")):
        with pytest.raises(StoreUnavailable) as refusal:
            call(backend)
        assert server.url.split("@")[-1] not in str(refusal.value) and refusal.value.__cause__ is None
    server.start()
    for call in CALLS.values():
        call(backend)


def test_a_server_that_refuses_is_unavailable(server: PrivateRedis, backend: RedisBackend) -> None:
    """A wrong password and a full memory are the store's outage, not ours."""
    with redis.Redis.from_url(server.url) as operator:
        operator.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailable):
            backend.put("a", b"1", 60)
        operator.config_set("requirepass", "another")
        with pytest.raises(StoreUnavailable):
            RedisBackend(server.url, clock=FrozenClock()).ping()


def test_a_file_without_its_tables_is_unavailable(tmp_path: Path, clock: FrozenClock) -> None:
    """The embedded store too says StoreUnavailable and nothing else when its file is not what it was."""
    file = tmp_path / "short.db"
    backend = SqlBackend(file, clock=clock)
    backend.put("a", b"1", 60)
    backend.close()
    for each in tmp_path.glob("short.db*"):
        each.unlink()
    sqlite3.connect(file).close()
    with pytest.raises(StoreUnavailable):
        backend.get("a")  # the tables are gone
    backend.close()


def test_a_restart_begins_an_epoch(server: PrivateRedis, backend: RedisBackend, clock: FrozenClock) -> None:
    """Noticed by the next call, whether or not the data came back; both workers agree on the new one."""
    other = RedisBackend(server.url, clock=clock)
    before = backend.epoch("a")
    assert other.epoch("a") == before
    with redis.Redis.from_url(server.url) as operator:
        operator.save()
    server.kill()
    server.start()
    clock.advance(seconds=5)
    backend.get("a")
    assert backend.epoch("a").id != before.id and backend.epoch("a").since == clock.now()
    clock.advance(seconds=5)
    assert other.epoch("a") == backend.epoch("a")
    other.close()


def test_a_server_that_was_a_replica_begins_an_epoch(
    server: PrivateRedis, backend: RedisBackend, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another master_replid over the same connection: what the master before acknowledged may not have come along."""
    backend.put("a", b"1", 60)
    before, newest = backend.epoch("a"), backend._newest
    clock.advance(seconds=5)
    with redis.Redis.from_url(server.url) as operator:
        operator.replicaof("127.0.0.1", 1)
        with pytest.raises(StoreUnavailable):
            backend.put("a", b"1", 60)  # a replica takes nothing
        operator.replicaof("NO", "ONE")
    monkeypatch.setattr("idp.storage.short_lived.redis._RECHECK_SECONDS", 0)  # else within five seconds
    assert backend.epoch("a").id != before.id and backend.epoch("a").since == clock.now()
    assert backend._newest is newest


def test_a_flush_is_noticed_where_something_is_to_be_remembered(
    server: PrivateRedis, backend: RedisBackend, clock: FrozenClock
) -> None:
    """What was seen before a flush is forgotten, so add_once comes with a new epoch at once."""
    before = backend.epoch("a")
    assert backend.add_once("jti", b"1", 60)
    with redis.Redis.from_url(server.url) as operator:
        operator.flushall()
    clock.advance(seconds=1)
    assert backend.add_once("jti", b"1", 60)  # forgotten; its caller goes by the epoch
    assert backend.epoch("a").id != before.id and backend.epoch("a").since == clock.now()


def test_an_older_snapshot_revives_nothing(server: PrivateRedis, store: ShortLivedStore) -> None:
    """A handle that was used after the snapshot was taken stays used, and one that was not needs a new try."""
    store.put(Kind.AUTHORIZATION_CODE, "used", {"n": 1}, seconds=60)
    store.put(Kind.INTERACTION, "answered", {"n": 2}, seconds=60)
    with redis.Redis.from_url(server.url) as operator:
        operator.save()
    assert store.take(Kind.AUTHORIZATION_CODE, "used") and store.take(Kind.INTERACTION, "answered")
    server.kill()
    server.start()
    with redis.Redis.from_url(server.url) as operator:
        assert len(operator.keys("*")) >= 2  # the snapshot did bring them back
    assert store.take(Kind.AUTHORIZATION_CODE, "used") is None
    assert store.get(Kind.INTERACTION, "answered") is None
    store.put(Kind.INTERACTION, "new", {"n": 3}, seconds=60)
    assert store.get(Kind.INTERACTION, "new") == {"n": 3}


def test_a_file_put_back_begins_an_epoch(tmp_path: Path, clock: FrozenClock, keyring: Keyring) -> None:
    """The embedded store knows its own file: a copy in its place brings no used handle back."""
    file, copy = tmp_path / "short.db", tmp_path / "copy"
    first = SqlBackend(file, clock=clock)
    ShortLivedStore(backend=first, keyring=keyring).put(Kind.INTERACTION, "a", {"n": 1}, seconds=60)
    again = SqlBackend(file, clock=clock)
    assert again.epoch("a") == first.epoch("a")
    first.close()
    again.close()
    copy.write_bytes(file.read_bytes())
    copy.replace(file)
    clock.advance(seconds=1)
    restored = SqlBackend(file, clock=clock)
    assert restored.epoch("a").since == clock.now()
    assert ShortLivedStore(backend=restored, keyring=keyring).get(Kind.INTERACTION, "a") is None
    restored.close()
