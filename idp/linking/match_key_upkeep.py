"""Keeping what persons are matched by up to date: a worker follows the audit log, which every change is in.

A change of a number, name, mobile or standing writes its audit row in its own transaction, so whoever changes one needs
to know nothing of matching, and logins pay nothing for it. Rows that are sealed are read once, by the batches that the
sealer makes; those that are not yet are read at once and then once more.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.models import AuditEvent, AuditSeal
from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.linking.link_models import MatchCursor
from idp.linking.match_keys import MatchKeys
from idp.linking.rematching import rematch
from idp.persons.models import Identifier
from idp.storage.engine import Database, take_time
from idp.storage.locks import try_lock

#: After these a person's numbers, names, mobile or standing may be others than before.
CHANGING = frozenset(
    {
        Event.PROOFING_RECORDED,
        Event.PROOFING_WITHDRAWN,
        Event.IDENTIFIER_CONTESTED,
        Event.IDENTIFIER_SETTLED,
        Event.CONTACT_CHANGED,
        Event.MOBILE_RELEASE_FINISHED,
        Event.RECOVERY_FINISHED,
        Event.PERSON_REGISTERED,
        Event.PERSON_ERASED,
        Event.DEATH_REPORTED,
        Event.DEATH_UNSAID,
        Event.DEATH_CLOSED,
        Event.DEATH_REVERSED,
    }
)
_CURSOR = "match keys"
_LOCK = "match keys"
_PERSONS_AT_ONCE = 200
_SEALS_AT_ONCE = 50
_log = structlog.get_logger("idp.linking")


class UpkeepBusy(IdpError):
    """Another process is at the same work; nothing is lost."""


class MatchKeyUpkeep:
    """Follows the audit log; any number may run, one at a time does the work."""

    def __init__(self, *, database: Database, keys: MatchKeys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def run(self) -> int:
        """Take in what changed since the last run, and return how many persons are matched by something new.

        Raises UpkeepBusy where another one is at work.
        """
        with self._database.read() as session:
            waiting = _unsealed(session)
        changed = self._refresh(waiting)
        while (seals := self._next_seals()) is not None:
            done, last, persons = seals
            changed += self._refresh(persons)
            self._move_on(done, last)
        return changed

    def backfill(self, *, report: Callable[[int], None] = lambda _: None) -> int:
        """Compare everybody's keys with their facts and mend what differs; return how many persons did."""
        changed, after = 0, ""
        while True:
            with self._database.read() as session:
                page = session.scalars(
                    sa.select(Identifier.person_id)
                    .where(Identifier.person_id > after)
                    .distinct()
                    .order_by(Identifier.person_id)
                    .limit(_PERSONS_AT_ONCE)
                ).all()
            if not page:
                return changed
            changed += self._refresh(page)
            after = page[-1]
            report(changed)

    def _refresh(self, persons: Sequence[str]) -> int:
        changed = 0
        for start in range(0, len(persons), _PERSONS_AT_ONCE):
            some = persons[start : start + _PERSONS_AT_ONCE]
            with self._database.transaction() as session:
                take_time(session)
                if not try_lock(session, _LOCK):
                    raise UpkeepBusy("another worker keeps the match keys")
                touched = self._keys.refresh(session, some)
                rematch(session, sorted(touched), at=self._clock.now())
            changed += len(touched)
        if changed:
            _log.info("linking.match_keys", persons=changed)
        return changed

    def _next_seals(self) -> tuple[int, int, Sequence[str]] | None:
        """Return the last position that was read, the last of the next ones, and whom their rows are about."""
        with self._database.read() as session:
            take_time(session)
            done = session.scalar(sa.select(MatchCursor.position).where(MatchCursor.name == _CURSOR)) or 0
            seals = session.scalars(
                sa.select(AuditSeal).where(AuditSeal.position > done).order_by(AuditSeal.position).limit(_SEALS_AT_ONCE)
            ).all()
            if not seals:
                return None
            first, last = seals[0].position, seals[-1].position
            persons = session.scalars(
                _whose(
                    AuditEvent.at >= min(each.first_event_at for each in seals),
                    AuditEvent.at <= max(each.last_event_at for each in seals),
                    AuditEvent.seal_position.between(first, last),
                )
            ).all()
        return done, last, [each for each in persons if each is not None]

    def _move_on(self, was: int, now: int) -> None:
        with self._database.transaction() as session:
            moved = session.scalar(
                sa.update(MatchCursor)
                .where(MatchCursor.name == _CURSOR, MatchCursor.position == was)
                .values(position=now)
                .returning(MatchCursor.position)
            )
            if moved is None and was == 0:
                session.add(MatchCursor(name=_CURSOR, position=now))


def _unsealed(session: Session) -> Sequence[str]:
    return [each for each in session.scalars(_whose(AuditEvent.seal_position.is_(None))) if each is not None]


def _whose(*where: sa.ColumnElement[bool]) -> sa.Select[str | None]:
    return (
        sa.select(AuditEvent.person_id)
        .where(*where, AuditEvent.event.in_(sorted(CHANGING)), AuditEvent.person_id.is_not(None))
        .distinct()
    )
