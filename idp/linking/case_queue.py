"""The queue of cases: who may look at which, the order in which they wait, and taking one for a while."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.linking.link_models import MergeCase, MergeDecision
from idp.linking.models import LegacySystem
from idp.linking.vocabulary import CaseKind, CaseState
from idp.persons.roles import Role, roles_of
from idp.storage.engine import Database

_REVIEWING = frozenset({Role.MERGE_ADMIN, Role.MERGE_REVIEWER})


class CaseProblem(StrEnum):
    """Why something cannot be done with a case; who is too near to it is told by the two-person rule's own reasons."""

    NOT_THERE = "not_there"  # or of a department that the reviewer has no role in
    OVER = "over"
    CHANGED = "changed"  # since the page was shown: somebody decided, or a candidate came
    TAKEN = "taken"  # by somebody else, for a while
    NOT_TAKEN = "not_taken"  # by who wants to see it unmasked
    DECIDED_BEFORE = "decided_before"  # by this person: the next look is another's
    VERDICT = "verdict"  # says nothing about a case of this kind
    CANDIDATE = "candidate"  # names nobody of the case
    NOTE = "note"  # too long
    NOT_DUE = "not_due"  # nobody has to look again
    REOPENED = "reopened"  # the account has another open case of the kind


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who looks at cases, and in which departments' systems."""

    person_id: str
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the queue; `age` and `is_overdue` are of this moment."""

    id: str
    kind: CaseKind
    state: CaseState
    system_number: int | None
    system_name: str | None
    priority: int
    opened_at: datetime
    age: timedelta
    due_at: datetime
    is_overdue: bool
    assigned_to: str | None
    is_mine: bool
    has_decided: bool  # the reviewer gave their verdict: what comes next is another's
    version: int
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the queue is asked for; `after` goes on behind a case."""

    kinds: Collection[CaseKind] = ()
    systems: Collection[int] = ()
    mine: bool = False
    overdue: bool = False
    audits: bool = False  # decided by one person, to be looked at by another
    after: str | None = None
    most: int = 50


def reviewer_of(session: Session, person_id: str) -> Reviewer | None:
    """Return somebody as a reviewer, None where they hold no such role now."""
    held = [each.department_id for each in roles_of(session, person_id) if each.role in _REVIEWING]
    return Reviewer(person_id, frozenset(held)) if held else None


class CaseQueue:
    """Lists cases and lets one person at a time have one."""

    def __init__(self, *, database: Database, clock: Clock, lease_seconds: int) -> None:
        self._database = database
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)

    def list(self, reviewer: Reviewer, wanted: Wanted = Wanted()) -> tuple[CaseRow, ...]:
        """Return a page of the queue, the most urgent first and of those the oldest."""
        now = self._clock.now()
        statement = _visible(reviewer)
        if wanted.audits:
            statement = statement.where(MergeCase.is_audit_due)
        else:
            statement = statement.where(MergeCase.state != CaseState.CLOSED)
        if wanted.kinds:
            statement = statement.where(MergeCase.kind.in_(sorted(wanted.kinds)))
        if wanted.systems:
            statement = statement.where(MergeCase.system_number.in_(sorted(wanted.systems)))
        if wanted.mine:
            statement = statement.where(MergeCase.assigned_to == reviewer.person_id, MergeCase.assigned_until > now)
        if wanted.overdue:
            statement = statement.where(MergeCase.due_at < now)
        order = (MergeCase.priority, MergeCase.opened_at, MergeCase.id)
        with self._database.read() as session:
            last = session.get(MergeCase, wanted.after) if wanted.after else None
            if last is not None:
                statement = statement.where(sa.tuple_(*order) > (last.priority, last.opened_at, last.id))
            rows = session.execute(statement.order_by(*order).limit(min(wanted.most, 200))).all()
        return tuple(row_of(*row, reviewer=reviewer, now=now) for row in rows)

    def take(self, reviewer: Reviewer, case_id: str, *, origin: Origin) -> Ok[CaseRow] | Refused:
        """Keep a case for oneself for a while; taken again, the time begins anew."""
        now = self._clock.now()
        with self._database.transaction() as session:
            found = held_case(session, reviewer, case_id)
            if found is None:
                return Refused(CaseProblem.NOT_THERE)
            case = found[0]
            if case.state == CaseState.CLOSED and not case.is_audit_due:
                return Refused(CaseProblem.OVER)
            if is_anothers(case, reviewer, now):
                return Refused(CaseProblem.TAKEN)
            case.assigned_to, case.assigned_until = reviewer.person_id, now + self._lease
            session.flush()
            _audit(session, Event.MERGE_CASE_TAKEN, case, reviewer, now, origin)
            return Ok(row_of(*found, reviewer=reviewer, now=now))

    def release(self, reviewer: Reviewer, case_id: str, *, origin: Origin) -> Ok[CaseRow] | Refused:
        """Give a case back before its time is over."""
        now = self._clock.now()
        with self._database.transaction() as session:
            found = held_case(session, reviewer, case_id)
            if found is None:
                return Refused(CaseProblem.NOT_THERE)
            case = found[0]
            if case.assigned_to != reviewer.person_id:
                return Refused(CaseProblem.NOT_TAKEN)
            case.assigned_to = case.assigned_until = None
            session.flush()
            _audit(session, Event.MERGE_CASE_RELEASED, case, reviewer, now, origin)
            return Ok(row_of(*found, reviewer=reviewer, now=now))


def held_case(session: Session, reviewer: Reviewer, case_id: str) -> Any:
    """Return a case that the reviewer may see, with its system's name and whether they decided, and hold it."""
    statement = _visible(reviewer).where(MergeCase.id == case_id).with_for_update(of=MergeCase)
    return session.execute(statement.execution_options(populate_existing=True)).one_or_none()


def find_case(session: Session, reviewer: Reviewer, case_id: str) -> Any:
    """Return the same without holding it."""
    return session.execute(_visible(reviewer).where(MergeCase.id == case_id)).one_or_none()


def is_anothers(case: MergeCase, reviewer: Reviewer, now: datetime) -> bool:
    """Tell whether somebody else has the case for now."""
    is_kept = case.assigned_until is not None and case.assigned_until > now
    return is_kept and case.assigned_to != reviewer.person_id


def row_of(
    case: MergeCase, system_name: str | None, has_decided: bool, *, reviewer: Reviewer, now: datetime
) -> CaseRow:
    """Return a case as the queue shows it."""
    is_kept = case.assigned_until is not None and case.assigned_until > now
    return CaseRow(
        id=case.id,
        kind=CaseKind(case.kind),
        state=CaseState(case.state),
        system_number=case.system_number,
        system_name=system_name,
        priority=case.priority,
        opened_at=case.opened_at,
        age=now - case.opened_at,
        due_at=case.due_at,
        is_overdue=case.due_at < now and case.state != CaseState.CLOSED,
        assigned_to=case.assigned_to if is_kept else None,
        is_mine=is_kept and case.assigned_to == reviewer.person_id,
        has_decided=has_decided,
        version=case.version,
        outcome=case.outcome,
    )


def _visible(reviewer: Reviewer) -> sa.Select[Any]:
    """Return the cases of the reviewer's departments; those about persons alone are everybody's who reviews."""
    decided = sa.exists().where(MergeDecision.case_id == MergeCase.id, MergeDecision.decided_by == reviewer.person_id)
    columns: tuple[Any, ...] = (MergeCase, LegacySystem.name, decided)
    return (
        sa.select(*columns)
        .outerjoin(LegacySystem, LegacySystem.number == MergeCase.system_number)
        .where(sa.or_(MergeCase.system_number.is_(None), LegacySystem.department_id.in_(sorted(reviewer.departments))))
    )


def _audit(session: Session, event: Event, case: MergeCase, reviewer: Reviewer, now: datetime, origin: Origin) -> None:
    by = replace(origin, actor_person=reviewer.person_id)
    record(session, event, at=now, origin=by, details={"case": case.id, "kind": case.kind})
