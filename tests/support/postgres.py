"""PostgreSQL servers for tests: one shared by the run, and private ones that a test may kill.

The shared one is the server that IDP_TEST_PG_URL names, else one of our own. Never anything else than
PostgreSQL: where there is none, the tests that need it fail.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy import make_url

from tests.support.postgres_binaries import (
    Binaries,
    Privileges,
    find_binaries,
    privileges,
    reachable,
)
from tests.support.process import START_SECONDS, ServerFailed, ServerProcess, birth, free_port
from tests.support.run_folder import note, once_per_run

ENVIRONMENT = "IDP_TEST_PG_URL"
#: Of many small databases that are used for a second each; the log, too, may lie in memory.
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_wal_size=128MB")
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    "dynamic_shared_memory_type=mmap",  # of a server that is killed, nothing else stays behind than its folder
    "wal_level=minimal",
    "max_wal_senders=0",
)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server: the address of its database `postgres`, its version, and where it comes from."""

    url: str
    version: str
    origin: str


class PrivatePostgres:
    """A server of one test's own. `kill` is a power cut; `start` after it goes through recovery."""

    def __init__(self, *, folder: Path, binaries: Binaries, rights: Privileges, durable: bool) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
        self._binaries = binaries
        self._rights = rights
        self._settings = SETTINGS if durable else (*SETTINGS, *NOT_DURABLE)
        self._password = secrets.token_hex(16)
        self._process: ServerProcess | None = None
        self.url = ""
        self.origin = binaries.origin

    @property
    def pid(self) -> int:
        """The number of the server's first process."""
        return self._running().pid

    def create(self) -> Self:
        """Make the cluster and start it on a free port."""
        password_file = self._home / "password"
        password_file.write_text(self._password)
        if self._rights.user:
            for path in (self._home, password_file):
                shutil.chown(path, self._rights.user)
        options = ["-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        # A password, because any user of this machine can reach a loopback port.
        options += [f"--pwfile={password_file}", "--auth=scram-sha-256"]
        made = subprocess.run(
            [*self._rights.prefix, str(self._binaries.folder / "initdb"), *options, "-D", str(self._data)],
            capture_output=True,
            text=True,
            check=False,
            **self._rights.identity(),
        )
        if made.returncode:
            raise ServerFailed(f"initdb of {self.origin} failed: {made.stderr.strip()[-600:]}")
        password_file.unlink()
        for _ in range(2):
            try:
                return self._start_on(free_port())
            except ServerFailed:
                continue  # somebody took the port between our look and the server's
        return self._start_on(free_port())

    def start(self) -> None:
        """Start again on the same port; raises ServerFailed."""
        # After a kill the server's children need a moment to notice, and until then a start is refused.
        tries = START_SECONDS * 2
        for attempt in range(tries):
            try:
                return self._running().start()
            except ServerFailed as error:
                if "still in use" not in str(error) or attempt == tries - 1:
                    raise

    def stop(self) -> None:
        """Shut the server down in order."""
        self._running().stop()

    def kill(self) -> None:
        """Kill the server (SIGKILL): what was not on disk is lost."""
        self._running().kill()

    def remove(self) -> None:
        """End the server where it runs and remove its data."""
        if self._process:
            # Its fastest stop, which waits for nobody: after SIGKILL its shared memory stayed behind for good.
            self._process.stop(signal.SIGQUIT)
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _running(self) -> ServerProcess:
        if self._process is None:
            raise ServerFailed("not created")
        return self._process

    def _start_on(self, port: int) -> Self:
        self.url = f"postgresql+psycopg://postgres:{self._password}@127.0.0.1:{port}/postgres"
        command = [*self._rights.prefix, str(self._binaries.folder / "postgres"), "-D", str(self._data)]
        for setting in (f"port={port}", *self._settings):
            command += ["-c", setting]
        self._process = ServerProcess(
            command,
            log=self._home / "log",
            is_ready=lambda: _answers(self.url),
            stop_signal=signal.SIGINT,  # "fast": ends the connections, writes everything down
            identity=self._rights.identity(),
        )
        self._process.start()
        return self


def start_private_server(
    folder: Path,
    *,
    durable: bool = True,
    binaries: Binaries | None = None,
    rights: Privileges | None = None,
) -> PrivatePostgres:
    """Return a running server whose data lies below `folder`; raises NoPostgres or ServerFailed.

    `durable=False` switches off everything that waits for the disk.
    """
    binaries = binaries or find_binaries()
    rights = rights or privileges()
    if rights.user:
        folder.chmod(0o711)  # the other user passes through, and sees nothing
    binaries = reachable(binaries, rights, folder)
    server = PrivatePostgres(folder=folder, binaries=binaries, rights=rights, durable=durable)
    try:
        return server.create()
    except BaseException:
        server.remove()
        raise


def shared_server(folder: Path) -> PostgresServer:
    """Return the run's server, started by whichever worker asks first."""

    def make() -> dict[str, object]:
        given = os.environ.get(ENVIRONMENT)
        if given:
            url = make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            started: dict[str, object] = {"url": url, "origin": f"the server that {ENVIRONMENT} names"}
        else:
            server = start_private_server(folder, durable=False)
            started = {"url": server.url, "origin": server.origin}
            started |= {"pid": server.pid, "born": birth(server.pid)}
        return started | {"version": server_version(str(started["url"]))}

    record = once_per_run(folder, "postgres", make)
    note(folder, f"PostgreSQL {record['version']}, {record['origin']}")
    return PostgresServer(url=record["url"], version=record["version"], origin=record["origin"])


def server_version(url: str) -> str:
    """Return the version that a server says it has."""
    with psycopg.connect(conninfo(url)) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]).split()[0] if row else "unknown"


def conninfo(url: str) -> str:
    """Return the address as psycopg wants it, from one as SQLAlchemy wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(conninfo(url), connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False
