"""Redis for tests: a corner of the run's server for each, or a server of its own."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.redis_server import (
    PrivateRedis,
    RedisServer,
    describe,
    find_program,
    remove_keys,
    shared_server,
    start_private_server,
)
from tests.support.run_folder import note, run_folder_of
from tests.support.tools import leave_out


@dataclass(frozen=True, slots=True)
class RedisSpace:
    """The corner of a server that belongs to one test: every key begins with `prefix`."""

    url: str
    prefix: str


@pytest.fixture(scope="session")
def redis_server(pytestconfig: pytest.Config) -> RedisServer:
    """The Redis server of the run; it may be a stand-in, and then says so."""
    return shared_server(run_folder_of(pytestconfig))


@pytest.fixture
def redis_space(redis_server: RedisServer) -> Iterator[RedisSpace]:
    """A key prefix of the test's own on the run's server; its keys are deleted afterwards."""
    space = RedisSpace(url=redis_server.url, prefix=f"test:{secrets.token_hex(6)}:")
    yield space
    remove_keys(space.url, space.prefix)


@pytest.fixture
def private_redis(pytestconfig: pytest.Config) -> Iterator[Callable[..., PrivateRedis]]:
    """Call it for a server of the test's own (`persist=True`), to kill, flush and start again.

    A test that calls it is left out where there is only the stand-in, which cannot be killed usefully.
    """
    folder = run_folder_of(pytestconfig)
    started: list[PrivateRedis] = []

    def start(**options: Any) -> PrivateRedis:
        if find_program().program is None:
            leave_out("Redis", "only the stand-in is there; install redis-server")
        server = start_private_server(folder, **options)
        started.append(server)
        note(folder, describe(server.url, server.origin))
        return server

    yield start
    for server in started:
        server.remove()
