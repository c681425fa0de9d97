"""Statements of the hot path: written once in SQLAlchemy, compiled once, run without its machinery where it pays.

On PostgreSQL a statement goes straight to a psycopg connection of the calling thread in autocommit, so one
statement is one operation and one round trip (architecture, decision 5). On SQLite the same statement runs in
a transaction of its own.
"""

import threading
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from idp.core.errors import StoreUnavailable
from idp.storage.engine import Database

_DIALECT: Any = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]
# A statement that came by twice is prepared on the server: its plan is then made once per connection.
_PREPARE_AFTER = 1


class Statement:
    """A SELECT, or raw SQL of PostgreSQL, with named parameters; `postgresql` replaces the portable one there."""

    __slots__ = ("constants", "portable", "postgresql")

    def __init__(self, portable: sa.Executable | None, postgresql: str | sa.Executable | None = None) -> None:
        self.portable = portable
        self.constants: Mapping[str, Any] = {}
        if not isinstance(postgresql, str):
            written = portable if postgresql is None else postgresql
            assert isinstance(written, sa.sql.ClauseElement)  # noqa: S101 - one of the two is given
            compiled = written.compile(dialect=_DIALECT)
            postgresql = str(compiled)
            self.constants = {
                name: str(value) if isinstance(value, StrEnum) else value
                for name, value in compiled.params.items()
                if value is not None
            }
        self.postgresql = postgresql


class Statements:
    """Runs statements on one database."""

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._open: set[psycopg.Connection[Any]] = set()

    @property
    def is_single(self) -> bool:
        """True where data-modifying CTEs make a whole operation one statement."""
        return not self._database.is_sqlite

    def read(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows of a statement that changes nothing; one lost connection is tried again."""
        if self._database.is_sqlite:
            assert statement.portable is not None  # noqa: S101 - reads are written portably
            with self._database.read() as session:
                return session.execute(statement.portable, dict(parameters)).all()
        try:
            return self._run(statement, parameters)
        except StoreUnavailable:
            # Kept connections die with a restart of the database; a read may be repeated.
            return self._run(statement, parameters)

    def write(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows of one data-modifying statement of PostgreSQL, committed when it returns.

        Raises StoreUnavailable where the connection was lost: whether it was carried out is then not known
        here, and it is never repeated.
        """
        return self._run(statement, parameters)

    def _run(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Any]:
        connection = self._connection()
        try:
            values = {**statement.constants, **parameters}
            return connection.execute(statement.postgresql, values).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self._drop()
            raise StoreUnavailable(f"database: {type(error).__name__}") from None

    def _connection(self) -> "psycopg.Connection[tuple[Any, ...]]":
        connection: psycopg.Connection[tuple[Any, ...]] | None = getattr(self._threads, "connection", None)
        if connection is None or connection.closed:
            connection = self._connect()
            self._threads.connection = connection
        return connection

    def _connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        try:
            pooled = self._database.engine.raw_connection()
        except (sa.exc.OperationalError, psycopg.OperationalError, sa.exc.TimeoutError) as error:
            raise StoreUnavailable(f"database: {type(error).__name__}") from None
        connection: psycopg.Connection[tuple[Any, ...]] = pooled.driver_connection  # type: ignore[assignment]
        pooled.detach()  # this thread's own from now on
        try:
            connection.autocommit = True
            # Look-ups by key have one good plan; making it anew each time costs more than running it.
            connection.execute("SET plan_cache_mode = force_generic_plan")
            connection.execute("SET jit = off")
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            connection.close()
            # Pooled before the database went away, and so were the others that wait there.
            self._database.engine.dispose()
            raise StoreUnavailable(f"database: {type(error).__name__}") from None
        connection.prepare_threshold = _PREPARE_AFTER
        connection.row_factory = namedtuple_row
        with self._lock:
            self._open.add(connection)
        return connection

    def _drop(self) -> None:
        connection = getattr(self._threads, "connection", None)
        self._threads.connection = None
        if connection is not None:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def close(self) -> None:
        """Close the connections of all threads; none may run a statement any more."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
