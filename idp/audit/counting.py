"""Counting what nobody logged in did: refusals, per kind, client and minute; the first of each in full.

A flood must not become a flood of rows, so each process adds up and now and then writes its sums to a small
table, from which the worker makes one audit row per finished minute.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import NOWHERE, Origin, record
from idp.audit.models import AuditCounter
from idp.core.clock import Clock, seconds
from idp.storage.engine import Database
from idp.storage.upsert import insert_into

_WRITE_EVERY_SECONDS = 5
# More kinds and clients than this within a minute are counted together.
_MOST_KEYS = 500
_OVERFLOW = "other"
_log = structlog.get_logger("idp.audit")


@dataclass(frozen=True, slots=True)
class _Key:
    minute: datetime
    event: Event
    kind: str
    client_id: str


@dataclass(frozen=True, slots=True)
class _First:
    key: _Key
    origin: Origin


class Counting:
    """The counters of one process; best effort: it never fails the answer that is being counted."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._sums: dict[_Key, int] = {}
        self._written_at = clock.now()

    def note(self, event: Event, kind: str, *, client_id: str | None = None, origin: Origin = NOWHERE) -> None:
        """Count once. `kind` is a word of ours and `client_id` a registered client's: neither holds what was sent."""
        now = self._clock.now()
        with self._lock:
            key = _Key(_minute(now), event, kind, client_id or "")
            if key not in self._sums and len(self._sums) >= _MOST_KEYS:
                key = _Key(key.minute, event, _OVERFLOW, "")
            is_first = key not in self._sums
            self._sums[key] = self._sums.get(key, 0) + 1
            due = is_first or now - self._written_at >= seconds(_WRITE_EVERY_SECONDS)
            taken = self._take(now) if due else {}
        if taken:
            first = _First(key, origin) if is_first else None
            self._try(lambda session: _write(session, taken, now, first))

    def flush(self) -> None:
        """Write the sums that are still in memory, for a process that ends."""
        now = self._clock.now()
        with self._lock:
            taken = self._take(now)
        if taken:
            self._try(lambda session: _write(session, taken, now, None))

    def _take(self, now: datetime) -> dict[_Key, int]:
        """Take the sums; keys of this minute stay with nothing, so that they are not taken for first again."""
        taken = {key: count for key, count in self._sums.items() if count}
        self._sums = {key: 0 for key in self._sums if key.minute == _minute(now)}
        self._written_at = now
        return taken

    def _try(self, act: Callable[[Session], None]) -> None:
        try:
            with self._database.transaction() as session:
                act(session)
        except Exception as error:
            # Whatever it was: the caller is being answered, and the log holds each refusal as well.
            _log.warning("audit.counts_lost", problem=type(error).__name__)


def fold_counts(session: Session, *, at: datetime, limit: int = 500) -> int:
    """Turn counts of finished minutes into audit rows, one each, and return how many; for a periodic task."""
    key = (AuditCounter.minute, AuditCounter.event, AuditCounter.kind, AuditCounter.client_id)
    # A minute is left alone until every process has written its sums.
    finished = sa.select(*key).where(AuditCounter.minute < _minute(at) - timedelta(minutes=1)).limit(limit)
    rows = session.execute(
        sa.delete(AuditCounter).where(sa.tuple_(*key).in_(finished)).returning(*key, AuditCounter.count.label("times"))
    ).all()
    counted = [row for row in rows if row.times > 0]
    for row in counted:
        found = _Key(row.minute, Event(row.event), row.kind, row.client_id)
        _record(session, found, at=at, count=row.times, origin=NOWHERE)
    return len(counted)


def _write(session: Session, sums: dict[_Key, int], now: datetime, first: _First | None) -> None:
    # In one order everywhere, or two processes could wait for one another.
    for key in sorted(sums, key=lambda each: (each.minute, each.event, each.kind, each.client_id)):
        told = 1 if first is not None and first.key == key else 0
        values = {"minute": key.minute, "event": key.event, "kind": key.kind, "client_id": key.client_id}
        insert = insert_into(session, AuditCounter)
        began = session.execute(
            insert.values(**values, count=sums[key] - told)
            .on_conflict_do_nothing(index_elements=list(values))
            .returning(AuditCounter.minute)
        ).one_or_none()
        if began is None:
            session.execute(
                insert.values(**values, count=sums[key]).on_conflict_do_update(
                    index_elements=list(values), set_={"count": AuditCounter.count + sums[key]}
                )
            )
        elif told and first is not None:
            # The first of all processes within the minute is told in full, and not counted again.
            _record(session, key, at=now, count=1, origin=first.origin)


def _record(session: Session, key: _Key, *, at: datetime, count: int, origin: Origin) -> None:
    record(
        session,
        key.event,
        at=at,
        outcome=Outcome.REFUSED,
        reason=key.kind,
        client_id=key.client_id or None,
        origin=origin,
        count=count,
        details={"minute": key.minute.isoformat()},
    )


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
