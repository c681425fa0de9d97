"""What a case rests on: the proofing that opened it, and what counted for the other person until then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from idp.persons.models import Identifier, Proofing
from realname.proofing.contest import Contest
from realname.proofing.method import Method
from realname.proofing.models import CounterRecord, IdentityCase


@dataclass(frozen=True, slots=True)
class Proved:
    """One proofing in a case: by what, to which level, when, and by which clerks and reader where it was at a counter.

    `has_ended` tells that it counts no longer.
    """

    method: Method
    level: int
    proved_at: datetime
    has_ended: bool
    office: str | None = None
    device_id: str | None = None
    clerks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case in whatever state: who proved the number then, and who had proved it before.

    `opened_by` is None where the proofing is not known any more; `before` holds what counted for the other, the
    oldest first.
    """

    id: str
    kind: Contest
    identifier_id: str
    person_id: str
    other_id: str
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    opened_by: Proved | None
    before: tuple[Proved, ...]

    @property
    def persons(self) -> tuple[str, str]:
        """Both whom it is about."""
        return (self.person_id, self.other_id)

    @property
    def clerks(self) -> frozenset[str]:
        """Whoever took part in what the case is about: they saw one of the two."""
        proofings = (*self.before, *([self.opened_by] if self.opened_by else []))
        return frozenset(clerk for each in proofings for clerk in each.clerks)

    @property
    def since(self) -> datetime:
        """Since when the other person had something by the number."""
        return min((each.proved_at for each in self.before), default=self.opened_at)

    @property
    def level_before(self) -> int:
        """The highest level that they had by it."""
        return max((each.level for each in self.before), default=1)

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has decided it."""
        return self.closed_at is None


def case_file(session: Session, case_id: str) -> CaseFile | None:
    """Return the case of that id, None where there is none."""
    now, before = aliased(Identifier), aliased(Identifier)
    row = session.execute(
        sa.select(IdentityCase, now.person_id.label("person_id"), before.person_id.label("other_id"))
        .join(now, now.id == IdentityCase.identifier_id)
        .join(before, before.id == IdentityCase.other_identifier_id)
        .where(IdentityCase.id == case_id)
    ).one_or_none()
    if row is None:
        return None
    case: IdentityCase = row.IdentityCase
    return CaseFile(
        id=case.id,
        kind=Contest(case.kind),
        identifier_id=case.identifier_id,
        person_id=row.person_id,
        other_id=row.other_id,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        outcome=case.outcome,
        opened_by=next(iter(_proofings(session, has_opened(case.opened_at, row.person_id))), None),
        before=_proofings(session, Proofing.person_id == row.other_id, _counted_until(case.opened_at)),
    )


def has_opened(opened_at: Any, person_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition for the proofing that opened a case: one transaction wrote both, for one instant."""
    return sa.and_(Proofing.person_id == person_id, Proofing.proved_at == opened_at)


def _counted_until(at: datetime) -> sa.ColumnElement[bool]:
    """Return the condition for what had not been taken back before; it may have run out."""
    return sa.and_(Proofing.proved_at <= at, sa.or_(Proofing.revoked_at.is_(None), Proofing.revoked_at >= at))


def _proofings(session: Session, *conditions: sa.ColumnElement[bool]) -> tuple[Proved, ...]:
    rows = session.execute(
        sa.select(Proofing, CounterRecord.device_id, CounterRecord.second_person)
        .outerjoin(CounterRecord, CounterRecord.proofing_id == Proofing.id)
        .where(*conditions)
        .order_by(Proofing.proved_at, Proofing.level.desc(), Proofing.id)
    )
    return tuple(
        Proved(
            method=Method(row.Proofing.method),
            level=row.Proofing.level,
            proved_at=row.Proofing.proved_at,
            has_ended=row.Proofing.revoked_at is not None,
            office=row.Proofing.office,
            device_id=row.device_id,
            clerks=tuple(each for each in (row.Proofing.actor_person, row.second_person) if each is not None),
        )
        for row in rows
    )
