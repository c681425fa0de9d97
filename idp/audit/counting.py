"""Counting what nobody logged in did: refusals, per kind, client and minute; the first of each in full.

Reads are counted into the same table, by `idp.audit.reading`.

A flood must not become a flood of rows, so each process adds up and now and then writes its sums to a small
table, from which the worker makes one audit row per finished minute.
"""

import threading
from collections.abc import Callable, Mapping
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
class CountKey:
    """What is counted together; `kind` is a word of ours."""

    minute: datetime
    event: Event
    kind: str
    client_id: str


@dataclass(frozen=True, slots=True)
class First:
    """What is told of the first of its key."""

    origin: Origin = NOWHERE
    person_id: str | None = None


class Counting:
    """The counters of one process; best effort: it never fails the answer that is being counted."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._sums: dict[CountKey, int] = {}
        self._written_at = clock.now()

    def note(self, event: Event, kind: str, *, client_id: str | None = None, origin: Origin = NOWHERE) -> None:
        """Count once. `kind` is a word of ours and `client_id` a registered client's: neither holds what was sent."""
        now = self._clock.now()
        with self._lock:
            key = CountKey(minute_of(now), event, kind, client_id or "")
            if key not in self._sums and len(self._sums) >= _MOST_KEYS:
                key = CountKey(key.minute, event, _OVERFLOW, "")
            is_first = key not in self._sums
            self._sums[key] = self._sums.get(key, 0) + 1
            due = is_first or now - self._written_at >= seconds(_WRITE_EVERY_SECONDS)
            taken = self._take(now) if due else {}
        if taken:
            firsts = {key: First(origin)} if is_first else {}
            self._try(lambda session: write_counts(session, taken, firsts, at=now))

    def flush(self) -> None:
        """Write the sums that are still in memory, for a process that ends."""
        now = self._clock.now()
        with self._lock:
            taken = self._take(now)
        if taken:
            self._try(lambda session: write_counts(session, taken, {}, at=now))

    def _take(self, now: datetime) -> dict[CountKey, int]:
        """Take the sums; keys of this minute stay with nothing, so that they are not taken for first again."""
        taken = {key: count for key, count in self._sums.items() if count}
        self._sums = {key: 0 for key in self._sums if key.minute == minute_of(now)}
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
    finished = sa.select(*key).where(AuditCounter.minute < minute_of(at) - timedelta(minutes=1)).limit(limit)
    rows = session.execute(
        sa.delete(AuditCounter).where(sa.tuple_(*key).in_(finished)).returning(*key, AuditCounter.count.label("times"))
    ).all()
    counted = [row for row in rows if row.times > 0]
    for row in counted:
        found = CountKey(row.minute, Event(row.event), row.kind, row.client_id)
        _record(session, found, at=at, count=row.times, first=First())
    return len(counted)


def write_counts(
    session: Session, sums: Mapping[CountKey, int], firsts: Mapping[CountKey, First], *, at: datetime
) -> None:
    """Add one process's sums to everybody's; of `firsts` those are told that are the first of all processes."""
    # In one order everywhere, or two processes could wait for one another.
    for key in sorted(sums, key=lambda each: (each.minute, each.event, each.kind, each.client_id)):
        first = firsts.get(key)
        told = 0 if first is None else 1
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
        elif first is not None:
            # The first of all processes within the minute is told in full, and not counted again.
            _record(session, key, at=at, count=1, first=first)


def _record(session: Session, key: CountKey, *, at: datetime, count: int, first: First) -> None:
    record(
        session,
        key.event,
        at=at,
        outcome=Outcome.REFUSED if key.event is Event.REQUEST_REFUSED else Outcome.SUCCESS,
        reason=key.kind,
        person_id=first.person_id,
        client_id=key.client_id or None,
        origin=first.origin,
        count=count,
        details={"minute": key.minute.isoformat()},
    )


def minute_of(at: datetime) -> datetime:
    """Return the minute that an instant lies in."""
    return at.replace(second=0, microsecond=0)
