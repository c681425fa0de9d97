"""Which identity cases a clerk sees: those of their department's counters, and those that arose online."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from connectors.devices.models import Device
from idp.login.paging import Place, is_after
from idp.persons.models import Identifier, Proofing
from realname.proofing.case_files import has_opened
from realname.proofing.contest import Contest
from realname.proofing.models import CounterRecord, IdentityCase


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case, without anybody whom it is about."""

    id: str
    kind: Contest
    opened_at: datetime


def open_cases_for(
    session: Session,
    clerk: str,
    departments: frozenset[str],
    *,
    kind: str | None,
    after: Place | None,
    most: int,
) -> list[OpenCase]:
    """Return at most so many open cases of these departments and of none, the oldest first.

    What is about the clerk themself is left out: it is a colleague's.
    """
    now, before = aliased(Identifier), aliased(Identifier)
    statement = (
        sa.select(IdentityCase.id, IdentityCase.kind, IdentityCase.opened_at)
        .join(now, now.id == IdentityCase.identifier_id)
        .join(before, before.id == IdentityCase.other_identifier_id)
        .where(IdentityCase.closed_at.is_(None), now.person_id != clerk, before.person_id != clerk)
        .where(_is_of(departments))
        .order_by(IdentityCase.opened_at, IdentityCase.id)
        .limit(most)
    )
    if kind is not None:
        statement = statement.where(IdentityCase.kind == kind)
    if after is not None:
        statement = statement.where(is_after(after, IdentityCase.opened_at, IdentityCase.id))
    return [OpenCase(row.id, Contest(row.kind), row.opened_at) for row in session.execute(statement)]


def is_case_of(session: Session, case_id: str, departments: frozenset[str]) -> bool:
    """Tell whether there is such a case, in whatever state, and it is one of these departments' or of none."""
    found = sa.select(IdentityCase.id).where(IdentityCase.id == case_id, _is_of(departments))
    return session.scalar(found) is not None


def _is_of(departments: frozenset[str]) -> sa.ColumnElement[bool]:
    """Return the condition for cases that arose at a counter of these departments, or at none."""
    prover = aliased(Identifier)
    department = (
        sa.select(Device.department_id)
        .join(CounterRecord, CounterRecord.device_id == Device.id)
        .join(Proofing, Proofing.id == CounterRecord.proofing_id)
        .join(prover, prover.person_id == Proofing.person_id)
        .where(prover.id == IdentityCase.identifier_id, has_opened(IdentityCase.opened_at, prover.person_id))
        .correlate(IdentityCase)
        .limit(1)
        .scalar_subquery()
    )
    return sa.or_(department.is_(None), department.in_(sorted(departments)))
