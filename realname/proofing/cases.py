"""Cases about who somebody is: two people who proved one number."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.ids import new_id
from idp.persons.holders import HeldNumber
from idp.persons.models import Identifier
from realname.proofing.contest import Contest
from realname.proofing.models import IdentityCase


@dataclass(frozen=True, slots=True)
class Case:
    """An open case: who proved the number now, and who had proved it before."""

    id: str
    kind: str
    opened_at: datetime
    person_id: str
    other_id: str


class Finding(StrEnum):
    """What the review of a displacement found."""

    NOTHING_OBTAINED = "nothing_obtained"  # by the number nobody was told anything
    HARMLESS = "harmless"  # it was the same human, or nobody lost by it
    SERVICES_TOLD = "services_told"  # who was told the identity knows now that it was another's
    REPORTED = "reported"  # to the police, or to the operator's security officer


@dataclass(frozen=True, slots=True)
class Settled:
    """By which method a dispute ended, by whose hand where a clerk's, and when."""

    method: str
    decided_by: str | None
    at: datetime


def open_case(
    session: Session, kind: Contest, identifier_id: str, other: HeldNumber, *, at: datetime, origin: Origin
) -> None:
    """Open a case between the number as proved now and as somebody else proved it before, whom the audit names."""
    case_id = new_id()
    session.execute(
        sa.insert(IdentityCase).values(
            id=case_id,
            kind=kind,
            identifier_id=identifier_id,
            other_identifier_id=other.identifier_id,
            opened_at=at,
        )
    )
    record(
        session,
        Event.IDENTIFIER_CONTESTED,
        at=at,
        reason=str(kind),
        person_id=other.person_id,
        origin=origin,
        details={"case": case_id},
    )


def close_disputes(
    session: Session, identifier_ids: tuple[str, ...], settled: Settled, *, person_id: str, origin: Origin
) -> None:
    """Close what was disputed about a number, of which these are the rows: it is that person's now."""
    concerns = sa.or_(
        IdentityCase.identifier_id.in_(identifier_ids), IdentityCase.other_identifier_id.in_(identifier_ids)
    )
    closed = session.scalars(
        sa.update(IdentityCase)
        .where(IdentityCase.kind == Contest.DISPUTED, IdentityCase.closed_at.is_(None), concerns)
        .values(closed_at=settled.at, outcome=settled.method, decided_by=settled.decided_by)
        .returning(IdentityCase.id)
    ).all()
    for case_id in closed:
        details = {"case": case_id, "method": settled.method}
        record(session, Event.IDENTIFIER_SETTLED, at=settled.at, person_id=person_id, origin=origin, details=details)


def close_case(
    session: Session,
    case_id: str,
    finding: Finding,
    *,
    decided_by: str | None,
    at: datetime,
    origin: Origin = NOWHERE,
) -> bool:
    """Close a displacement that was reviewed; False where there is none open of that id, so of two who close one does.

    A dispute is closed by nobody's word: somebody has to prove more of the number.
    """
    row = session.execute(
        sa.update(IdentityCase)
        .where(IdentityCase.id == case_id, IdentityCase.kind == Contest.DISPLACES, IdentityCase.closed_at.is_(None))
        .values(closed_at=at, outcome=finding, decided_by=decided_by)
        .returning(IdentityCase.other_identifier_id)
    ).one_or_none()
    if row is None:
        return False
    person_id = session.scalar(sa.select(Identifier.person_id).where(Identifier.id == row.other_identifier_id))
    details = {"case": case_id}
    record(session, Event.CASE_CLOSED, at=at, reason=str(finding), person_id=person_id, origin=origin, details=details)
    return True


def open_cases(session: Session) -> tuple[Case, ...]:
    """Return the cases that nobody has decided, the oldest first."""
    now, before = aliased(Identifier), aliased(Identifier)
    rows = session.execute(
        sa.select(
            IdentityCase.id,
            IdentityCase.kind,
            IdentityCase.opened_at,
            now.person_id,
            before.person_id.label("other_id"),
        )
        .join(now, now.id == IdentityCase.identifier_id)
        .join(before, before.id == IdentityCase.other_identifier_id)
        .where(IdentityCase.closed_at.is_(None))
        .order_by(IdentityCase.opened_at, IdentityCase.id)
    )
    return tuple(Case(row.id, row.kind, row.opened_at, row.person_id, row.other_id) for row in rows)
