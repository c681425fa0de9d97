"""Running processes say which keys they have loaded, so that a rotation knows when all are ready."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.errors import StoreUnavailable
from idp.core.ids import new_id
from idp.keys.live import LiveKeyring
from idp.keys.models import KeyInstance
from idp.storage.engine import Database
from idp.storage.upsert import insert_into

_FORGET_AFTER = timedelta(days=1)


class Presence:
    """One process's row. `note` is called outside of any transaction, often: it writes seldom."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: LiveKeyring,
        clock: Clock,
        every_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._every = every_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._id = new_id()
        self._told = ""
        self._due = monotonic()

    def note(self) -> str | None:
        """Tell which keys are loaded, when they changed or it was long ago, and return their fingerprint.

        Returns None where the keys or the database cannot be had: whoever needs them says so.
        """
        try:
            fingerprint = self._keyring.fingerprint
            now = self._monotonic()
            if (now < self._due and fingerprint == self._told) or not self._lock.acquire(blocking=False):
                return fingerprint
            try:
                self._due = now + self._every
                self._write(fingerprint)
                self._told = fingerprint
            finally:
                self._lock.release()
        except StoreUnavailable:
            return None
        return fingerprint

    def _write(self, fingerprint: str) -> None:
        now = self._clock.now()
        with self._database.transaction() as session:
            insert = insert_into(session, KeyInstance).values(id=self._id, fingerprint=fingerprint, seen_at=now)
            session.execute(
                insert.on_conflict_do_update(index_elements=["id"], set_={"fingerprint": fingerprint, "seen_at": now})
            )


def forget_gone(session: Session, *, at: datetime) -> int:
    """Delete the rows of processes that have not been seen for a day and return how many; for a periodic task."""
    gone = sa.delete(KeyInstance).where(KeyInstance.seen_at < at - _FORGET_AFTER).returning(KeyInstance.id)
    return len(session.execute(gone).all())


def instances_behind(database: Database, fingerprint: str, *, seen_after: datetime) -> tuple[str, ...]:
    """Return the processes seen since then that work with other keys than those of `fingerprint`."""
    with database.read() as session:
        return tuple(
            session.scalars(
                sa.select(KeyInstance.id)
                .where(KeyInstance.seen_at > seen_after, KeyInstance.fingerprint != fingerprint)
                .order_by(KeyInstance.id)
            )
        )
