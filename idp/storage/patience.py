"""Connections to PostgreSQL that wait for an answer no longer than a request may take.

The server's own limits (`statement_timeout`) hold only while the server, and the way to it, work. psycopg's
`connect_timeout` ends with the connection. What a server carried out without its answer reaching us is
unknown here: the connection is closed, and nothing is ever sent a second time.
"""

from typing import Any, NoReturn, Self

import psycopg
from psycopg.abc import RV, PQGen

from idp.storage.silence import Silence

#: Above the server's statement_timeout: while it answers, its own word is had.
PATIENCE_SECONDS = 3.0
#: The least that libpq and psycopg know.
CONNECT_SECONDS = 2
# How often psycopg looks for signals meanwhile; its own figure.
_WAKE_SECONDS = 0.1


class DatabaseSilent(psycopg.OperationalError):
    """PostgreSQL did not answer in time, or did not answer somebody else a moment ago."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends; `patience_seconds` is None while it may take all the time."""

    silence: Silence | None = None
    patience_seconds: float | None = PATIENCE_SECONDS
    _opened_after = 0
    _waiting_since = 0

    @classmethod
    def open(cls, silence: Silence, *arguments: Any, **parameters: Any) -> Self:
        """Connect as psycopg does; raises DatabaseSilent at once while the server is known to be silent."""
        if silence.holds:
            raise DatabaseSilent("silent")
        ended = silence.ended
        try:
            connection = cls.connect(*arguments, **parameters)
        except psycopg.errors.ConnectionTimeout:
            silence.begin(ended)
            raise DatabaseSilent("no connection") from None
        connection.silence, connection._opened_after = silence, ended
        return connection

    @property
    def is_outlived(self) -> bool:
        """True once a silence ended that this connection was open in."""
        return self.silence is not None and self.silence.ended != self._opened_after

    def wait(self, gen: PQGen[RV], interval: float = _WAKE_SECONDS, timeout: float | None = None) -> RV:
        """Wait as psycopg does, but not for ever; whoever gives a timeout of their own keeps it."""
        if self.patience_seconds is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.begin_waiting())
        except psycopg.errors._WaitTimeout:
            self.end_in_vain()

    def begin_waiting(self) -> float:
        """Return how many seconds to wait; raises DatabaseSilent at once while the server is known to be silent."""
        if self.silence is not None:
            if self.silence.holds:
                self._abandon("silent")
            self._waiting_since = self.silence.ended
        return PATIENCE_SECONDS if self.patience_seconds is None else self.patience_seconds

    def end_in_vain(self) -> NoReturn:
        """Say that nothing came in that time, close, and raise DatabaseSilent."""
        if self.silence is not None:
            self.silence.begin(self._waiting_since)
        self._abandon("no answer")

    def _abandon(self, problem: str) -> NoReturn:
        # Closed, so that a late answer is nobody's.
        self.close()
        raise DatabaseSilent(problem) from None
