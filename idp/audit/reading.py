"""Counting what clients read of people: userinfo, introspection and levels, per client and minute; the first in full.

The caller pays for one increment in memory; a thread of the process writes the sums (`idp.audit.count_writer`).
Metadata and keys are public, so their reads say nothing about anybody and are not counted.
"""

import threading
from datetime import UTC, datetime

import structlog

from idp.audit.counting import CountKey, First, minute_of, write_counts
from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin
from idp.core.clock import Clock
from idp.storage.engine import Database

# Those who read have shown who they are, so there are no more of them than registered clients.
_MOST_KEYS = 20_000
_AT_ONCE = 100
#: What is read, in the words of refusals.
_KINDS = {
    Event.CLAIMS_READ: "userinfo",
    Event.TOKEN_INTROSPECTED: "introspect",
    Event.LEVEL_READ: "level",
    Event.MAPPING_READ: "mapping",
}
_log = structlog.get_logger("idp.audit")


class ReadCounts:
    """The reads of one process; best effort, like refusals: no answer fails or waits for them."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._sums: dict[tuple[int, Event, str], int] = {}
        self._firsts: dict[tuple[int, Event, str], First] = {}

    def note(self, event: Event, client_id: str, *, person_id: str | None = None, origin: Origin = NOWHERE) -> None:
        """Count one read; whose, and where from, is told of the first of this client within the minute."""
        key = (self._clock.epoch() // 60, event, client_id)
        with self._lock:
            count = self._sums.get(key)
            if count is None:
                if len(self._sums) >= _MOST_KEYS:
                    return
                self._firsts[key] = First(origin, person_id)
                count = 0
            self._sums[key] = count + 1

    def flush(self) -> None:
        """Write the sums that are in memory; never raises."""
        with self._writing:  # a second flush at the same time would tell of a minute out of order
            now = self._clock.now()
            with self._lock:
                taken, firsts = {key: count for key, count in self._sums.items() if count}, self._firsts
                # Keys of this minute stay with nothing, so that they are not taken for first again.
                self._sums = {key: 0 for key in self._sums if key[0] == int(now.timestamp()) // 60}
                self._firsts = {}
            keys = sorted(taken)
            for start in range(0, len(keys), _AT_ONCE):
                self._write(keys[start : start + _AT_ONCE], taken, firsts)

    def _write(
        self,
        keys: list[tuple[int, Event, str]],
        taken: dict[tuple[int, Event, str], int],
        firsts: dict[tuple[int, Event, str], First],
    ) -> None:
        named = {key: _count_key(*key) for key in keys}
        sums = {named[key]: taken[key] for key in keys}
        told = {named[key]: firsts[key] for key in keys if key in firsts}
        try:
            with self._database.transaction() as session:
                write_counts(session, sums, told, at=self._clock.now())
        except Exception as error:
            _log.warning("audit.counts_lost", problem=type(error).__name__)


def _count_key(minute: int, event: Event, client_id: str) -> CountKey:
    return CountKey(minute_of(datetime.fromtimestamp(minute * 60, UTC)), event, _KINDS[event], client_id)
