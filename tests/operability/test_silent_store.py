"""A Redis that takes connections and says nothing holds nobody for long, and no command is sent twice."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.core.clock import Clock
from idp.core.errors import StoreUnavailable
from idp.storage.short_lived.redis import RedisBackend
from tests.support.redis_fixtures import RedisSpace
from tests.support.tcp_proxy import TcpProxy

PATIENCE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no test waits as long as a request may."""
    monkeypatch.setattr("idp.storage.short_lived.redis._PATIENCE_SECONDS", 0.4)


@pytest.fixture
def way(redis_space: RedisSpace) -> Iterator[TcpProxy]:
    """The way to the run's server."""
    with TcpProxy(redis_space.url) as proxy:
        yield proxy


@pytest.fixture
def backend(redis_space: RedisSpace, way: TcpProxy) -> Iterator[RedisBackend]:
    """The store behind that way."""
    made = RedisBackend(way.url, clock=Clock(), prefix=redis_space.prefix)
    yield made
    made.close()


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def _answers(backend: RedisBackend) -> bool:
    try:
        backend.ping()
    except StoreUnavailable as error:
        assert "silent" in str(error)
        return False
    return True


@pytest.mark.parametrize("heals", ["speaks", "forgets"])
def test_only_the_first_waits_and_all_come_back(
    backend: RedisBackend, way: TcpProxy, heals: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call ends as unavailable, without waiting once one did; afterwards all work, without a restart."""
    backend.put("key", b"value", 60)
    way.be_silent()
    with pytest.raises(StoreUnavailable, match="no answer"):
        backend.get("key")
    calls: list[Callable[[], object]] = [
        lambda: backend.get("key"),
        lambda: backend.take("key"),
        lambda: backend.increment("count", 60),
        lambda: backend.add_once("once", b"1", 60),
        lambda: backend.epoch("a"),
        backend.ping,
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable, match="silent"):
            call()
    way.speak() if heals == "speaks" else way.forget()
    _until(lambda: _answers(backend))
    assert backend.get("key") == b"value"
    assert backend.increment("count", 60) == 1


def test_connections_forgotten_on_the_way_cost_one_call(backend: RedisBackend, way: TcpProxy) -> None:
    """Once a call found that out, no other connection of before is used: neither a thread's own nor the pool's."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(backend.put, "key", b"value", 60).result()
        assert backend.get("key") == b"value" and backend.increment("count", 60) == 1
        way.forget()
        with pytest.raises(StoreUnavailable, match="no answer"):
            backend.get("key")
        _until(lambda: _answers(backend))
        assert elsewhere.submit(backend.get, "key").result() == b"value"
        assert backend.increment("count", 60) == 2


def test_a_command_whose_answer_is_lost_is_not_repeated(backend: RedisBackend, way: TcpProxy) -> None:
    """A take that was carried out without its answer is unavailable to its caller, and the value is gone."""
    backend.put("key", b"value", 60)
    assert backend.increment("count", 60) == 1
    way.be_silent(answers_only=True)
    with pytest.raises(StoreUnavailable):
        backend.take("key")
    way.speak()
    _until(lambda: _answers(backend))
    assert backend.get("key") is None
    assert backend.increment("count", 60) == 2


def test_a_store_that_refuses_is_not_silent(backend: RedisBackend, way: TcpProxy) -> None:
    """A way that is closed is known at once each time; nobody listens for it."""
    way.close()
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="ConnectionError"):
            backend.get("key")
