"""Databases of the tests: each test its own, copied from a template that is migrated once in a run."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from tests.support.postgres import (
    PostgresServer,
    PrivatePostgres,
    conninfo,
    server_version,
    shared_server,
    start_private_server,
)
from tests.support.run_folder import note, once_per_run, run_folder_of
from tests.support.slow_machine import be_patient

be_patient()

Prepare = Callable[[str], Any]
MakeDatabase = Callable[..., str]


class Databases:
    """Makes and drops databases on one server. Their names carry the run, so runs may share a server."""

    def __init__(self, *, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._prefix = "idp_" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]
        self._connection: psycopg.Connection[Any] | None = None

    def create(self, prepare: Prepare | None = None) -> str:
        """Return the address of a fresh database.

        `prepare` gets the address of an empty database and fills it, once in the run; it is told from
        others by its qualified name.
        """
        template = self._template(prepare) if prepare else "template0"
        name = f"{self._prefix}_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {{}} TEMPLATE {{}} {self._strategy}", name, template)
        return self._url(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", make_url(url).database or "")

    def drop_all(self) -> None:
        """Drop every database of this run."""
        rows = self._connected().execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix + "_"]
        )
        for (name,) in rows.fetchall():
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def close(self) -> None:
        """Give the connection back; the databases stay."""
        if self._connection:
            self._connection.close()

    @property
    def _strategy(self) -> str:
        # On a server that waits for no disk, copying files takes half of what writing them through the log does.
        return "STRATEGY FILE_COPY" if int(self._server.version.split(".")[0]) >= 15 else ""

    def _template(self, prepare: Prepare) -> str:
        key = hashlib.sha256(f"{prepare.__module__}.{prepare.__qualname__}".encode()).hexdigest()[:8]
        name = f"{self._prefix}_template_{key}"

        def make() -> dict[str, Any]:
            self._run("CREATE DATABASE {} TEMPLATE template0", name)
            prepare(self._url(name))
            # PostgreSQL copies no database that somebody is connected to: a pool left open would break it.
            self._run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
            self._connected().execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            return {"template": name}

        once_per_run(self._folder, f"template-{key}", make)
        return name

    def _url(self, name: str) -> str:
        return make_url(self._server.url).set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str, *names: str) -> None:
        self._connected().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(conninfo(self._server.url), autocommit=True)
        return self._connection


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> PostgresServer:
    """The PostgreSQL server of the run."""
    return shared_server(run_folder_of(pytestconfig))


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: PostgresServer, pytestconfig: pytest.Config) -> Iterator[Databases]:
    """What makes databases on the run's server."""
    databases = Databases(server=postgres_server, folder=run_folder_of(pytestconfig))
    yield databases
    databases.close()


@pytest.fixture
def make_postgres_database(postgres_databases: Databases) -> Iterator[MakeDatabase]:
    """Call it, with a function that fills a template if wanted, for a database that the test drops."""
    made: list[str] = []

    def make(prepare: Prepare | None = None) -> str:
        made.append(postgres_databases.create(prepare))
        return made[-1]

    yield make
    for url in made:
        postgres_databases.drop(url)


@pytest.fixture
def postgres_url(make_postgres_database: MakeDatabase) -> str:
    """The address of an empty database."""
    return make_postgres_database()


@pytest.fixture
def private_postgres(pytestconfig: pytest.Config) -> Iterator[Callable[..., PrivatePostgres]]:
    """Call it for a server of the test's own (`durable=True`), to kill and start again."""
    folder = run_folder_of(pytestconfig)
    started: list[PrivatePostgres] = []

    def start(**options: Any) -> PrivatePostgres:
        server = start_private_server(folder, **options)
        started.append(server)
        note(folder, f"PostgreSQL {server_version(server.url)}, {server.origin}")
        return server

    yield start
    for server in started:
        server.remove()


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing on a server that is not ours (the run's own server goes as a whole)."""
    if hasattr(config, "workerinput"):
        return
    folder = run_folder_of(config)
    record = folder / "postgres.json"
    if not record.exists():
        return
    content = once_per_run(folder, "postgres", dict)
    if "pid" not in content:
        server = PostgresServer(url=content["url"], version=content["version"], origin=content["origin"])
        databases = Databases(server=server, folder=folder)
        databases.drop_all()
        databases.close()
