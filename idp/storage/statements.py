"""Statements of the hot path: written once in SQLAlchemy, compiled once, run without its machinery where it pays.

On PostgreSQL a statement goes over a line in autocommit, so one statement is one operation and one round trip
(architecture, decision 5). On SQLite the same statement runs in a transaction of its own.
"""

import re
from collections import deque
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
        # Not one a thread: a server may end an idle thread, and the connection would outlive it. Given back at the
        # right and taken there, so that one request at a time keeps to one connection, which stays warm.
        self._idle: deque[Line] = deque()

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
        known = {**statement.constants, **parameters} if statement.constants else parameters
        values = [known[name] for name in statement.names]
        line = self._take()
        try:
            rows = line.run(statement.postgresql, values)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if line.is_broken:
                self.close()  # a restart breaks them all, and the next try must not meet another one
            line.close()
            raise _unavailable(error) from None
        except psycopg.Error:
            self._idle.append(line)  # the answer was read to its end
            raise
        except BaseException:
            line.close()  # an answer may be on its way that is nobody's
            raise
        self._idle.append(line)
        return rows

    def _take(self) -> Line:
        """Return a line that no other thread has; raises StoreUnavailable."""
        while True:
            try:
                line = self._idle.pop()
            except IndexError:
                return self._connect()
            if not line.is_outlived:
                return line
            line.close()

    def _connect(self) -> Line:
        try:
            return self._open()
        except _Lost:
            # Pooled before a restart. The pool is empty now, and nothing was sent: the next one is fresh.
            return self._open()

    def _open(self) -> Line:
        try:
            pooled = self._database.engine.raw_connection()
        except (sa.exc.OperationalError, psycopg.OperationalError, sa.exc.TimeoutError) as error:
            raise StoreUnavailable(f"database: {type(error).__name__}") from None
        connection: PatientConnection = pooled.driver_connection  # type: ignore[assignment]
        pooled.detach()  # no longer the pool's
        try:
            return Line(connection)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            connection.close()
            # Pooled before the database went away, and so were the others that wait there.
            self._database.engine.dispose()
            raise _unavailable(error) from None

    def close(self) -> None:
        """Close the lines that no thread is using."""
        while True:
            try:
                self._idle.pop().close()
            except IndexError:
                return


def _unavailable(error: psycopg.Error) -> StoreUnavailable:
    """Return what callers are told; another line would meet the same silence, so it is not tried."""
    told = f"database: {type(error).__name__}"
    return StoreUnavailable(told) if isinstance(error, DatabaseSilent) else _Lost(told)
