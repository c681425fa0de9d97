"""Bringing a database to a revision of the one history, and telling where it stands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from idp.storage.engine import Database, be_patient

_FOLDER = Path(__file__).parent


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to `revision`; does nothing where it is there already."""
    _run(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to `revision`; `base` leaves no table."""
    _run(database, lambda config: command.downgrade(config, revision))


def head() -> str:
    """Return the newest revision that this release knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None  # noqa: S101 - the history is part of the release
    return found


def current(database: Database) -> str | None:
    """Return the revision that the database is at, None where it has none yet."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def _run(database: Database, act: Callable[[Config], None]) -> None:
    config = _config()
    with database.engine.connect() as connection, _without_foreign_keys(connection), connection.begin():
        if not database.is_sqlite:
            # Longer than a request may take: a migration is watched by an operator, and waits for another one.
            for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
            be_patient(connection)
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7313)")  # one migration at a time
        config.attributes["connection"] = connection
        act(config)
        if database.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise RuntimeError("the migration would leave rows that refer to nothing")


@contextmanager
def _without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """Switch SQLite's checks off, as it asks for before tables are dropped or copied.

    With them on, a dropped table is emptied row by row, each of which looks for what refers to it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    # Only outside a transaction, so straight on the driver's connection: ours would begin one.
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        # A process that is told to stop amid a statement has lost the connection, and goes on to leave.
        if not connection.invalidated:
            driver.execute("PRAGMA foreign_keys=ON")
            driver.close()
