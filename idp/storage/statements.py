"""Statements of the hot path: written once in SQLAlchemy, compiled once, run without its machinery where it pays.

On PostgreSQL a statement goes over the calling thread's own line in autocommit, so one statement is one
operation and one round trip (architecture, decision 5). On SQLite the same statement runs in a transaction of
its own.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from idp.core.errors import StoreUnavailable
from idp.storage.engine import Database
from idp.storage.line import Line
from idp.storage.patience import DatabaseSilent, PatientConnection

_DIALECT: Any = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]
_PARAMETER = re.compile(r"%\(([a-z_0-9]+)\)s")
_PLAIN = re.compile(r"[A-Za-z0-9_{}:./ -]*")


class Statement:
    """A SELECT, or raw SQL of PostgreSQL, with named parameters; `postgresql` replaces the portable one there."""

    __slots__ = ("constants", "names", "portable", "postgresql")

    def __init__(self, portable: sa.Executable | None, postgresql: str | sa.Executable | None = None) -> None:
        self.portable = portable
        self.constants: Mapping[str, Any] = {}
        if not isinstance(postgresql, str):
            written = portable if postgresql is None else postgresql
            assert isinstance(written, sa.sql.ClauseElement)  # noqa: S101 - one of the two is given
            compiled = written.compile(dialect=_DIALECT)
            values = {name: value for name, value in compiled.params.items() if value is not None}
            # What never changes need not travel each time.
            postgresql = _PARAMETER.sub(lambda found: _literal(values.get(found[1])) or found[0], str(compiled))
            self.constants = {name: value for name, value in values.items() if _literal(value) is None}
        #: Parameters in the order of `$1`, `$2`, …
        self.names = tuple(dict.fromkeys(_PARAMETER.findall(postgresql)))
        places = {name: f"${place}" for place, name in enumerate(self.names, start=1)}
        self.postgresql = _PARAMETER.sub(lambda found: places[found[1]], postgresql).encode()


def _literal(value: object) -> str | None:
    """Return a constant of ours as SQL writes it; None where it must remain a parameter."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return f"'{value}'"
    return None


class _Lost(StoreUnavailable):
    """A line that was open broke."""


class Statements:
    """Runs statements on one database."""

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._open: set[Line] = set()

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
        except _Lost:
            # Kept connections die with a restart of the database; a read may be repeated.
            return self._run(statement, parameters)

    def write(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows of one data-modifying statement of PostgreSQL, committed when it returns.

        Raises StoreUnavailable where the connection was lost: whether it was carried out is then not known
        here, and it is never repeated.
        """
        return self._run(statement, parameters)

    def _run(self, statement: Statement, parameters: Mapping[str, Any]) -> Sequence[Any]:
        line: Line | None = getattr(self._threads, "line", None)
        if line is not None and line.is_outlived:
            self._drop(line)
            line = None
        if line is None:
            line = self._threads.line = self._connect()
        known = {**statement.constants, **parameters} if statement.constants else parameters
        try:
            return line.run(statement.postgresql, [known[name] for name in statement.names])
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            self._drop(line)
            raise _unavailable(error) from None

    def _connect(self) -> Line:
        try:
            pooled = self._database.engine.raw_connection()
        except (sa.exc.OperationalError, psycopg.OperationalError, sa.exc.TimeoutError) as error:
            raise StoreUnavailable(f"database: {type(error).__name__}") from None
        connection: PatientConnection = pooled.driver_connection  # type: ignore[assignment]
        pooled.detach()  # this thread's own from now on
        try:
            line = Line(connection)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            connection.close()
            # Pooled before the database went away, and so were the others that wait there.
            self._database.engine.dispose()
            raise _unavailable(error) from None
        with self._lock:
            self._open.add(line)
        return line

    def _drop(self, line: Line) -> None:
        self._threads.line = None
        with self._lock:
            self._open.discard(line)
        line.close()

    def close(self) -> None:
        """Close the lines of all threads; none may run a statement any more."""
        with self._lock:
            for line in self._open:
                line.close()
            self._open.clear()


def _unavailable(error: psycopg.Error) -> StoreUnavailable:
    """Return what callers are told; another line would meet the same silence, so it is not tried."""
    told = f"database: {type(error).__name__}"
    return StoreUnavailable(told) if isinstance(error, DatabaseSilent) else _Lost(told)
