"""Waiting until every process works with the keys that the database holds now."""

import time
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from idp.core.clock import Clock
from idp.core.errors import StoreUnavailable
from idp.keys.instances import instances_behind
from idp.keys.live import lease_seconds
from idp.keys.store import KeyStore
from idp.storage.engine import Database

_PAUSE_SECONDS = 0.1
_SAY_AFTER_SECONDS = 10.0
# Between encrypting a value and beginning the transaction that stores it.
_SETTLE_SECONDS = 1.0
_OLDER = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend' AND xact_start < :moment"
)


class Barrier:
    """Waits for every lease on older keys to end, for processes that say they are behind, and for open
    transactions, in which something may have been written under older keys.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: KeyStore,
        clock: Clock,
        reload_seconds: float,
        report: Callable[[str], None],
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._lease = lease_seconds(reload_seconds)
        self._report = report

    def wait(self) -> None:
        """Return when nobody works with other keys than the present ones any more."""
        began = time.monotonic()
        self._until(
            lambda: time.monotonic() - began > self._lease and not self._behind(),
            "a process has not loaded the present keys yet",
        )
        time.sleep(_SETTLE_SECONDS)
        self._wait_for_transactions()

    def _behind(self) -> bool:
        """Tell whether a process works with other keys than those of now: another rotation may change them too."""
        # A process that was not seen for a lease refuses to use the keys that it has.
        seen_after = self._clock.now() - timedelta(seconds=self._lease)
        return bool(instances_behind(self._database, self._store.fingerprint(), seen_after=seen_after))

    def _wait_for_transactions(self) -> None:
        if self._database.is_sqlite:
            self._until(self._may_write, "another process writes")
            return
        with self._database.read() as session:
            moment = session.scalar(sa.text("SELECT clock_timestamp()"))

        def none_older() -> bool:
            with self._database.read() as session:
                return not session.scalar(_OLDER, {"moment": moment})

        self._until(none_older, "a transaction that began before is still open")

    def _may_write(self) -> bool:
        """Tell whether the one lock for writing could be had, so that whoever held it before is done."""
        try:
            with self._database.transaction() as session:
                session.execute(sa.text("SELECT 1"))
        except StoreUnavailable:
            return False
        return True

    def _until(self, holds: Callable[[], bool], problem: str) -> None:
        say_at = time.monotonic() + self._lease + _SAY_AFTER_SECONDS
        while not holds():
            if time.monotonic() > say_at:
                self._report(f"waiting: {problem}")
                say_at = time.monotonic() + _SAY_AFTER_SECONDS
            time.sleep(_PAUSE_SECONDS)
