"""A running provider whose stores go and come back under load: unready and 503 within five seconds, then well again.

Never restarted, whatever happened to the store: refused, stopped, silent behind an open connection, or alive
while a firewall forgot the connections.
"""

import base64
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import redis
from pydantic import SecretStr

from idp.config.settings import DatabaseSettings, Settings, ShortLivedSettings
from idp.core.clock import Clock
from idp.house.build import build_house
from idp.house.ground import create_keys
from tests.support.houses import prepare_postgres
from tests.support.postgres import PrivatePostgres
from tests.support.provider_process import ProviderProcess, descendants, wait_until
from tests.support.redis_server import PrivateRedis
from tests.support.relying_party import make_client
from tests.support.tcp_proxy import TcpProxy

#: What the requirement says.
MOST_SECONDS = 5.0
#: More than the worker has threads.
CALLERS = 6
SERVED, UNAVAILABLE, PARKED = 400, 503, 303


@dataclass(frozen=True, slots=True)
class Store:
    """A server and the way to it."""

    server: PrivatePostgres | PrivateRedis
    way: TcpProxy


@dataclass(frozen=True, slots=True)
class Deployment:
    """A provider with one process and two threads, and what it stands on."""

    provider: ProviderProcess
    stores: dict[str, Store]
    credentials: str

    def use(self) -> int:
        """Ask for something that needs both stores, and return the status; 400 says that both were asked."""
        body = urlencode({"grant_type": "refresh_token", "refresh_token": "no-such-token"})
        headers = {"Authorization": self.credentials, "Content-Type": "application/x-www-form-urlencoded"}
        status, _, answered = self.provider.request("POST", "/oauth/token", body=body, headers=headers)
        assert (answered["Retry-After"] is not None) == (status == UNAVAILABLE)
        return status

    def problems(self) -> set[str]:
        """Return which stores readiness misses; it must be told within the time."""
        began = time.monotonic()
        status, body, _ = self.provider.get("/readyz")
        assert time.monotonic() - began < MOST_SECONDS
        found = set(json.loads(body)["problems"])
        assert status == (UNAVAILABLE if found else 200)
        return found


@pytest.fixture
def deployment(
    private_postgres: Callable[..., PrivatePostgres], private_redis: Callable[..., PrivateRedis], tmp_path: Path
) -> Iterator[Deployment]:
    """A running provider on servers that this test may hurt."""
    postgres, redis_server = private_postgres(durable=False), private_redis()
    prepare_postgres(postgres.url)
    with TcpProxy(postgres.url) as to_postgres, TcpProxy(redis_server.url) as to_redis:
        settings = Settings(
            data_dir=tmp_path / "data",
            database=DatabaseSettings(url=SecretStr(to_postgres.url)),
            short_lived=ShortLivedSettings(backend="redis", url=SecretStr(to_redis.url)),
        )
        create_keys(settings, Clock())
        house = build_house(settings)
        party = make_client(house)
        house.close()
        content = {
            "data_dir": str(settings.data_dir),
            "database": {"url": to_postgres.url},
            "short_lived": {"backend": "redis", "url": to_redis.url},
        }
        provider = ProviderProcess(tmp_path, content, workers=1)
        provider.start_and_wait()
        credentials = base64.b64encode(f"{party.client_id}:{party.client_secret}".encode()).decode()
        stores = {"database": Store(postgres, to_postgres), "short_lived": Store(redis_server, to_redis)}
        yield Deployment(provider, stores, f"Basic {credentials}")
        provider.remove()


@dataclass(slots=True)
class Load:
    """Callers that ask without a pause; what they were answered, and the longest that one waited."""

    deployment: Deployment
    statuses: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    longest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def call(self) -> None:
        """Ask until it is over."""
        while not self.over.is_set():
            began = time.monotonic()
            try:
                self.statuses[self.deployment.use()] += 1
            except Exception as error:
                self.problems.append(repr(error))
            self.longest = max(self.longest, time.monotonic() - began)


@contextmanager
def _under_load(deployment: Deployment) -> Iterator[Load]:
    load = Load(deployment)
    threads = [threading.Thread(target=load.call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join()


@contextmanager
def _refused(store: Store) -> Iterator[None]:
    store.server.kill()
    yield
    store.server.start()


@contextmanager
def _stopped(store: Store) -> Iterator[None]:
    """Every process of the server stands still, as on a virtual machine that is paused."""
    pids = {store.server.pid, *descendants(store.server.pid)}
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def _silent(store: Store) -> Iterator[None]:
    store.way.be_silent()
    yield
    store.way.speak()


@contextmanager
def _forgotten(store: Store) -> Iterator[None]:
    """Nothing passes, and when it does again the connections of before are dead without a word."""
    store.way.be_silent()
    yield
    store.way.forget()


@pytest.mark.parametrize("outage", [_refused, _stopped, _silent, _forgotten])
def test_a_store_that_goes_and_comes_back(
    deployment: Deployment, outage: Callable[[Store], "contextmanager[None]"]
) -> None:
    """Under load nobody waits longer than five seconds, every answer is one, and service resumes by itself."""
    processes = deployment.provider.family()
    for name, store in deployment.stores.items():
        assert deployment.problems() == set()
        with _under_load(deployment) as load:
            wait_until(lambda seen=load: seen.statuses[SERVED] > CALLERS)  # type: ignore[misc]
            with outage(store):
                assert deployment.problems() == {name}
                wait_until(lambda seen=load: seen.statuses[UNAVAILABLE] > 2 * CALLERS)  # type: ignore[misc]
                assert deployment.problems() == {name}
                assert deployment.provider.get("/healthz")[0] == 200
            wait_until(lambda: deployment.problems() == set())
            served = load.statuses[SERVED]
            wait_until(lambda seen=load, before=served: seen.statuses[SERVED] > before + CALLERS)  # type: ignore[misc]
        assert load.problems == [] and set(load.statuses) == {SERVED, UNAVAILABLE}
        assert load.longest < MOST_SECONDS
        assert deployment.use() == SERVED
    assert deployment.provider.family() == processes


def test_a_master_that_changes_under_load(deployment: Deployment) -> None:
    """While Redis is a replica it takes nothing; once it is the master, under another master_replid, all goes on."""
    processes, store = deployment.provider.family(), deployment.stores["short_lived"]
    with redis.Redis.from_url(store.server.url) as operator, _under_load(deployment) as load:
        assert deployment.provider.get("/login")[0] == PARKED
        before = operator.info("replication")["master_replid"]
        operator.replicaof("127.0.0.1", 1)
        assert deployment.provider.get("/login")[0] == UNAVAILABLE
        operator.replicaof("NO", "ONE")
        assert operator.info("replication")["master_replid"] != before
        wait_until(lambda: deployment.provider.get("/login")[0] == PARKED)
        served = load.statuses[SERVED]
        wait_until(lambda: load.statuses[SERVED] > served + CALLERS)
        assert deployment.problems() == set()
    assert load.problems == [] and set(load.statuses) <= {SERVED, UNAVAILABLE}
    assert deployment.provider.family() == processes
