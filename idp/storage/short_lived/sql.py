"""The backend of the embedded set-up: a SQLite file of its own with its own short transactions.

Its own file, because a code that was taken must stay taken even where the operation that took it rolls
back, and because a second write transaction inside the first would lock a shared file.
"""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.storage.engine import Database
from idp.storage.short_lived.backend import Epoch

_metadata = sa.MetaData()
_entries = sa.Table(
    "entries",
    _metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False, index=True),
)
# One row. A file that was deleted, or put back from a copy, is another file and begins another epoch.
_epochs = sa.Table(
    "epochs",
    _metadata,
    sa.Column("file", sa.String, primary_key=True),
    sa.Column("id", sa.String, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)
# Expired rows are swept once in this many writes, so that no reader ever pays for it.
_SWEEP_EVERY = 500


class SqlBackend:
    """One row per entry, one statement per call where that is enough."""

    def __init__(self, file: Path, *, clock: Clock) -> None:
        self._database = Database(f"sqlite:///{file}")
        self._clock = clock
        self._writes = 0
        with self._database.transaction() as session:
            _metadata.create_all(session.connection())
            self._epoch = self._enter_epoch(session, str(file.stat().st_ino))

    def _enter_epoch(self, session: sa.orm.Session, file: str) -> Epoch:
        kept = session.execute(sa.select(_epochs).where(_epochs.c.file == file)).one_or_none()
        if kept is not None:
            return Epoch(kept.id, datetime.fromtimestamp(kept.since, UTC))
        epoch = Epoch(new_id(), self._clock.now())
        session.execute(sa.delete(_epochs))
        session.execute(sa.insert(_epochs).values(file=file, id=epoch.id, since=epoch.since.timestamp()))
        return epoch

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _sweep(self, session: sa.orm.Session) -> None:
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            session.execute(sa.delete(_entries).where(_entries.c.ends_at <= self._now()))

    def _delete_dead(self, session: sa.orm.Session, key: str) -> None:
        session.execute(sa.delete(_entries).where(_entries.c.key == key, _entries.c.ends_at <= self._now()))

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """See Backend.put."""
        row = {"key": key, "value": value, "ends_at": self._now() + seconds}
        statement = sqlite.insert(_entries).values(row)
        with self._database.transaction() as session:
            session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))
            self._sweep(session)

    def get(self, key: str) -> bytes | None:
        """See Backend.get."""
        with self._database.read() as session:
            return session.scalar(
                sa.select(_entries.c.value).where(_entries.c.key == key, _entries.c.ends_at > self._now())
            )

    def take(self, key: str) -> bytes | None:
        """See Backend.take."""
        with self._database.transaction() as session:
            row = session.execute(
                sa.delete(_entries).where(_entries.c.key == key).returning(_entries.c.value, _entries.c.ends_at)
            ).one_or_none()
        return row.value if row is not None and row.ends_at > self._now() else None

    def update(self, key: str, expected: bytes, value: bytes) -> bool:
        """See Backend.update."""
        with self._database.transaction() as session:
            changed = session.execute(
                sa.update(_entries)
                .where(_entries.c.key == key, _entries.c.value == expected, _entries.c.ends_at > self._now())
                .values(value=value)
                .returning(_entries.c.key)
            ).one_or_none()
        return changed is not None

    def add_once(self, key: str, value: bytes, seconds: int) -> bool:
        """See Backend.add_once."""
        statement = sqlite.insert(_entries).values(key=key, value=value, ends_at=self._now() + seconds)
        with self._database.transaction() as session:
            self._delete_dead(session, key)
            added = session.execute(statement.on_conflict_do_nothing().returning(_entries.c.key)).one_or_none()
            self._sweep(session)
        return added is not None

    def delete(self, key: str) -> None:
        """See Backend.delete."""
        with self._database.transaction() as session:
            session.execute(sa.delete(_entries).where(_entries.c.key == key))

    def increment(self, key: str, seconds: int) -> int:
        """See Backend.increment."""
        with self._database.transaction() as session:
            self._delete_dead(session, key)
            stored = session.scalar(sa.select(_entries.c.value).where(_entries.c.key == key))
            count = int(stored or b"0") + 1
            value = str(count).encode()
            if stored is None:
                session.execute(sa.insert(_entries).values(key=key, value=value, ends_at=self._now() + seconds))
            else:
                session.execute(sa.update(_entries).where(_entries.c.key == key).values(value=value))
        return count

    def epoch(self, key: str) -> Epoch:
        """See Backend.epoch."""
        return self._epoch

    def ping(self) -> None:
        """See Backend.ping."""
        self._database.ping()

    def close(self) -> None:
        """See Backend.close."""
        self._database.close()
