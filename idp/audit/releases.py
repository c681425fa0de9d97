"""Tracing releases of identity data: per person, client and minute one audit row with the names of the claims.

As with other reads the caller pays for one entry in memory, and a thread of the process writes
(`idp.audit.count_writer`). Unlike those every person is named, because theirs is the right to know who was given
what (PIPL art. 44-45). Values never come here.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from idp.audit.counting import minute_of
from idp.audit.events import Event
from idp.audit.log import NOWHERE, record
from idp.core.clock import Clock
from idp.storage.engine import Database

# More than that are written by the request that brings them.
_MOST_KEYS = 5_000
_AT_ONCE = 100
_log = structlog.get_logger("idp.audit")


@dataclass(slots=True)
class _Sum:
    count: int = 0
    claims: set[str] = field(default_factory=set)


#: Minute, person, who acts for them or nothing, client, and the endpoint that answered.
_Key = tuple[datetime, str, str, str, str]


class ReleaseTraces:
    """The releases of one process that are not written yet."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._sums: dict[_Key, _Sum] = {}

    def note(
        self, endpoint: str, *, person_id: str, client_id: str, claims: Iterable[str], actor: str | None = None
    ) -> None:
        """Note one answer that held these claims; `actor` is who acted for the person."""
        key = (minute_of(self._clock.now()), person_id, actor or "", client_id, endpoint)
        with self._lock:
            found = self._sums.setdefault(key, _Sum())
            found.count += 1
            found.claims.update(claims)
            is_full = len(self._sums) >= _MOST_KEYS
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Write what is in memory; never raises. What could not be written is kept for the next time."""
        with self._lock:
            taken, self._sums = self._sums, {}
        keys = sorted(taken)
        for start in range(0, len(keys), _AT_ONCE):
            some = {key: taken[key] for key in keys[start : start + _AT_ONCE]}
            try:
                self._write(some)
            except Exception as error:
                _log.warning("audit.releases_kept", problem=type(error).__name__)
                self._put_back(some)

    def _write(self, sums: Mapping[_Key, _Sum]) -> None:
        now = self._clock.now()
        with self._database.transaction() as session:
            for (minute, person_id, actor, client_id, endpoint), found in sums.items():
                record(
                    session,
                    Event.IDENTITY_RELEASED,
                    at=now,
                    reason=endpoint,
                    person_id=person_id,
                    client_id=client_id,
                    origin=NOWHERE.acting(actor or None, person_id),
                    count=found.count,
                    details={"claims": sorted(found.claims), "minute": minute.astimezone(UTC).isoformat()},
                )

    def _put_back(self, sums: Mapping[_Key, _Sum]) -> None:
        with self._lock:
            for key, kept in sums.items():
                if len(self._sums) < 2 * _MOST_KEYS:  # a database that is away for long must not fill the memory
                    found = self._sums.setdefault(key, _Sum())
                    found.count += kept.count
                    found.claims |= kept.claims
