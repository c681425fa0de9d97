"""The database of record: engine, and the two ways to hold a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.errors import IdpError, StoreUnavailable
from idp.storage.patience import CONNECT_SECONDS, DatabaseSilent, PatientConnection
from idp.storage.silence import Silence

_READ_ONLY = "yihao_read_only"
#: What PostgreSQL itself limits, in milliseconds. The first is login.gov's figure; a stuck statement must not hold a
#: worker.
SERVER_LIMITS = {"statement_timeout": 2500, "lock_timeout": 2000, "idle_in_transaction_session_timeout": 15_000}
#: How long a request waits for a connection of its own, in seconds.
WAITS = {"connect": CONNECT_SECONDS}
_UNAVAILABLE = (sa.exc.OperationalError, sa.exc.InterfaceError)


class Database:
    """One SQL database; PostgreSQL in production, SQLite in the embedded set-up."""

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        self.url = sa.make_url(url)
        self._silence = Silence("database", answers=self._answers)
        self.engine = (
            _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url, pool_size, self._silence)
        )

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database, which has one writer and no data-modifying CTE."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write transaction: a return commits, an exception rolls back.

        An error class with `keeps_records` commits first and is raised then, so that what a refusal
        recorded survives it. Raises StoreUnavailable when the database cannot be reached.
        """
        with _reachable(), Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            except IdpError as error:
                if not error.keeps_records:
                    raise
                session.commit()
                raise
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only transaction: it never waits for a writer and never commits."""
        engine = self.engine.execution_options(**{_READ_ONLY: True})
        with _reachable(), Session(engine, expire_on_commit=False) as session:
            yield session

    def ping(self) -> None:
        """Ask the database for one row; raises StoreUnavailable, at once where it is known to be silent.

        On PostgreSQL over a new connection with a short time-out: one of the pool may wait for an answer
        that never comes, and all of them may be taken.
        """
        if self.is_sqlite:
            with self.read() as session:
                session.execute(sa.text("SELECT 1"))
            return
        if self._silence.holds:
            raise StoreUnavailable("database: silent")
        try:
            self._ask()
        except psycopg.Error as error:
            raise StoreUnavailable(f"database: {type(error).__name__}") from None

    def _ask(self) -> None:
        url = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options = f"-c statement_timeout={CONNECT_SECONDS * 1000}"
        with PatientConnection.connect(url, connect_timeout=CONNECT_SECONDS, options=options) as connection:
            connection.patience_seconds = CONNECT_SECONDS
            connection.execute("SELECT 1")

    def _answers(self) -> bool:
        try:
            self._ask()
        except (DatabaseSilent, psycopg.errors.ConnectionTimeout):
            return False
        except psycopg.Error:
            return True  # a refusal is an answer
        return True

    def close(self) -> None:
        """Give every pooled connection back."""
        self._silence.close()
        self.engine.dispose()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StoreUnavailable(f"database: {type(error).__name__}") from None
    except sa.exc.DBAPIError as error:
        # A commit whose answer was lost is among these: what became of it is looked up, never repeated.
        if not (error.connection_invalidated or isinstance(error, _UNAVAILABLE) or _is_idle_timeout(error)):
            raise
        # The statement's parameters may hold personal data, so the original text is left out.
        raise StoreUnavailable(f"database: {type(error.orig).__name__}") from None


def _is_idle_timeout(error: sa.exc.DBAPIError) -> bool:
    """Tell whether the server ended a transaction that was left open: 25P03, of no better class."""
    return getattr(error.orig, "sqlstate", None) == "25P03"


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": 10, "check_same_thread": False}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A write transaction takes the lock at once: upgrading a read lock later can only fail.
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: sa.URL, pool_size: int, silence: Silence) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=2,
        pool_pre_ping=False,
        pool_timeout=WAITS["connect"],
        hide_parameters=True,
        connect_args={
            "connect_timeout": WAITS["connect"],
            # A host that vanished is noticed within seconds, not when the kernel gives up.
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": " ".join(f"-c {name}={value}" for name, value in SERVER_LIMITS.items()),
        },
    )

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> PatientConnection:
        return PatientConnection.open(silence, *arguments, **parameters)

    @sa.event.listens_for(engine, "checkout")
    def leave_outlived(connection: Any, _record: Any, _lent: Any) -> None:
        if connection.is_outlived:
            raise sa.exc.DisconnectionError  # the pool opens another one

    @sa.event.listens_for(engine, "reset")
    def limit_patience(connection: Any, _record: Any, _state: Any) -> None:
        connection.patience_seconds = type(connection).patience_seconds

    return engine


def take_time(session: Session) -> None:
    """Lift the limits on waiting, which are there for requests, for this transaction."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        be_patient(connection)


def be_patient(connection: sa.Connection) -> None:
    """Let a connection to PostgreSQL wait for answers as long as it takes, until it is given back."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, PatientConnection)  # noqa: S101 - the engine makes no other
    driver.patience_seconds = None
