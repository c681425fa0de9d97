"""Readiness fails within five seconds however a store goes: killed, or alive and silent."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from idp.app import create_app
from idp.config.settings import DatabaseSettings, Settings, ShortLivedSettings
from idp.core.clock import Clock
from idp.core.errors import StoreUnavailable
from idp.house.build import build_house
from idp.house.ground import create_keys
from idp.house.readiness import Readiness
from tests.support.houses import prepare_postgres
from tests.support.postgres import PrivatePostgres
from tests.support.redis_server import PrivateRedis

#: What the requirement says.
MOST_SECONDS = 5.0


@pytest.fixture
def postgres(private_postgres: Callable[..., PrivatePostgres]) -> PrivatePostgres:
    """A server that this test may hurt."""
    return private_postgres(durable=False)


@pytest.fixture
def redis_server(private_redis: Callable[..., PrivateRedis]) -> PrivateRedis:
    """A server that this test may hurt."""
    return private_redis()


@pytest.fixture
def app(postgres: PrivatePostgres, redis_server: PrivateRedis, tmp_path: Path) -> Iterator[Flask]:
    """The application on both servers."""
    prepare_postgres(postgres.url)
    settings = Settings(
        data_dir=tmp_path,
        database=DatabaseSettings(url=SecretStr(postgres.url)),
        short_lived=ShortLivedSettings(backend="redis", url=SecretStr(redis_server.url)),
    )
    create_keys(settings, Clock())
    house = build_house(settings)
    yield create_app(house)
    house.close()


def _ready(app: Flask) -> dict[str, str]:
    """Return the problems that the check tells, within the time; empty where it is ready."""
    began = time.monotonic()
    answer = app.test_client().get("/readyz")
    assert time.monotonic() - began < MOST_SECONDS
    assert answer.headers["Cache-Control"] == "no-store"
    problems: dict[str, str] = answer.get_json()["problems"]
    assert answer.status_code == (503 if problems else 200)
    return problems


@pytest.mark.parametrize("how", ["kill", "stop"])
@pytest.mark.parametrize("which", ["database", "short_lived"])
def test_readiness_follows_the_stores(
    app: Flask, postgres: PrivatePostgres, redis_server: PrivateRedis, which: str, how: str
) -> None:
    """Ready, unready while the server is gone or says nothing, ready again; alive throughout."""
    server = postgres if which == "database" else redis_server
    assert _ready(app) == {}
    if how == "kill":
        server.kill()
    else:
        os.kill(server.pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            assert set(_ready(app)) == {which}
        assert app.test_client().get("/healthz").status_code == 200
    finally:
        if how == "stop":
            os.kill(server.pid, signal.SIGCONT)
    if how == "kill":
        server.start()
    deadline = time.monotonic() + 30
    while _ready(app) and time.monotonic() < deadline:
        pass
    assert _ready(app) == {}


def test_a_check_that_hangs_is_not_asked_again() -> None:
    """However often readiness is asked, one thread waits for a silent store, and the answer is told."""
    asked, go_on = [], threading.Event()

    def silent() -> None:
        asked.append(1)
        go_on.wait(60)

    def away() -> None:
        raise StoreUnavailable("away")

    readiness = Readiness({"silent": silent, "away": away, "well": lambda: None}, seconds=0.05)
    for _ in range(3):
        assert readiness.problems() == {"silent": "no answer", "away": "away"}
    assert len(asked) == 1
    go_on.set()


def test_a_fault_of_a_check_is_no_readiness() -> None:
    """What was not foreseen is a problem too, named by its kind alone."""

    def broken() -> None:
        raise RuntimeError("postgresql://idp:secret@host")

    assert Readiness({"x": broken}).problems() == {"x": "RuntimeError"}
