"""The backends under the contract, each with a way to let time pass and to open it a second time."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from idp.core.clock import Clock
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import suite_by_name
from idp.storage.short_lived.backend import Backend
from idp.storage.short_lived.memory import MemoryBackend
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.redis_client import close_client, open_client
from idp.storage.short_lived.sql import SqlBackend
from tests.support.frozen_clock import FrozenClock
from tests.support.redis_groups import Group

BACKENDS = ("memory", "sql", "redis", "sentinel", "cluster")


@dataclass(frozen=True)
class Subject:
    """One backend under test; `arguments` open the same one in another process, None where that cannot be."""

    kind: str
    backend: Backend
    clock: FrozenClock
    let_pass: Callable[[int], None]
    raw: Callable[[], bytes]
    arguments: tuple[str, ...] | None
    close: Callable[[], None] = lambda: None


@pytest.fixture(params=BACKENDS)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """A backend of the test's own, of each kind."""
    clock = FrozenClock()
    if request.param == "redis":
        space = request.getfixturevalue("redis_space")
        made = _on_redis(space.url, space.prefix, clock)
    elif request.param in ("sentinel", "cluster"):
        group: Group = request.getfixturevalue({"sentinel": "sentinels", "cluster": "cluster"}[request.param])
        made = _on_redis(group.url, f"test:{secrets.token_hex(6)}:", clock)
    elif request.param == "sql":
        made = _on_sql(tmp_path / "short.db", clock)
    else:
        memory = MemoryBackend(clock=clock)
        made = Subject("memory", memory, clock, _advance(clock), lambda: repr(vars(memory)).encode(), None)
    yield made
    made.backend.close()
    made.close()


@pytest.fixture
def backend(subject: Subject) -> Backend:
    return subject.backend


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring([generate_data_key(Purpose.MESSAGE, 1, suite_by_name("international"), KeyState.ACTIVE)])


def open_backend(kind: str, *arguments: str, clock: Clock) -> Backend:
    """Open the backend that another process made."""
    if kind == "redis":
        url, prefix = arguments
        return RedisBackend(url, clock=clock, prefix=prefix)
    return SqlBackend(Path(arguments[0]), clock=clock)


def _advance(clock: FrozenClock) -> Callable[[int], None]:
    return lambda seconds: clock.advance(seconds=seconds)


def _on_sql(file: Path, clock: FrozenClock) -> Subject:
    def raw() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob("short.db*")))

    return Subject("sql", SqlBackend(file, clock=clock), clock, _advance(clock), raw, ("sql", str(file)))


def _on_redis(url: str, prefix: str, clock: FrozenClock) -> Subject:
    client = open_client(url, patience_seconds=5)

    def let_pass(seconds: int) -> None:
        """Shorten every life by that much: the server's own clock cannot be moved."""
        for key in client.scan_iter(f"{prefix}*"):
            left = client.pttl(key)
            if left > 0:
                client.pexpire(key, left - seconds * 1000)
        clock.advance(seconds=seconds)

    def raw() -> bytes:
        keys = sorted(client.scan_iter(f"{prefix}*"))
        return b"\n".join(key + b" " + (client.dump(key) or b"") for key in keys)

    backend = RedisBackend(url, clock=clock, prefix=prefix)
    return Subject("redis", backend, clock, let_pass, raw, ("redis", url, prefix), lambda: close_client(client))
