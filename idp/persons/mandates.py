"""Mandates of guardians: who may act for which minor, in which scope, until which civil day.

Nothing ends them but their date and a revocation. Whoever reads one compares the date, and asks whether both are
persons who can act and be acted for now: the mandate of somebody suspended or dead counts for nothing meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from idp.core.ids import new_id
from idp.persons.models import Mandate, Person
from idp.persons.vocabulary import MandateScope, PartyKind, PersonStatus


@dataclass(frozen=True, slots=True)
class Guardianship:
    """One mandate of a guardian that counts now."""

    id: str
    guardian_id: str
    minor_id: str
    scope: MandateScope
    valid_from: datetime
    valid_to: datetime


def grant(
    session: Session,
    guardian_id: str,
    minor_id: str,
    scope: MandateScope,
    *,
    evidence_digest: str,
    at: datetime,
    valid_to: datetime,
) -> bool:
    """Write a mandate; False where the guardian has this one already. The caller holds both, and audits."""
    if may_act(session, guardian_id, minor_id, scope, at=at):
        return False
    session.execute(
        sa.insert(Mandate).values(
            id=new_id(),
            person_id=guardian_id,
            party_kind=PartyKind.PERSON,
            party_id=minor_id,
            scope=[scope],
            evidence_digest=evidence_digest,
            valid_from=at,
            valid_to=valid_to,
        )
    )
    return True


def revoke(session: Session, guardian_id: str, minor_id: str, *, at: datetime) -> int:
    """End every mandate of this guardian for this minor and return how many there were. The caller audits."""
    revoked = session.execute(
        sa.update(Mandate)
        .where(*_stands(at), Mandate.person_id == guardian_id, Mandate.party_id == minor_id)
        .values(revoked_at=at)
        .returning(Mandate.id)
    ).all()
    return len(revoked)


def hand_over(session: Session, former_id: str, minor_id: str, *, at: datetime) -> int:
    """Let the mandates for one person count for another, who is the same minor; return how many."""
    moved = session.execute(
        sa.update(Mandate)
        .where(*_stands(at), Mandate.party_id == former_id)
        .values(party_id=minor_id)
        .returning(Mandate.id)
    ).all()
    return len(moved)


def of_guardian(session: Session, guardian_id: str, *, at: datetime) -> tuple[Guardianship, ...]:
    """Return the mandates that this person has now, the oldest first."""
    return _read(session, Mandate.person_id == guardian_id, at=at)


def of_minor(session: Session, minor_id: str, *, at: datetime) -> tuple[Guardianship, ...]:
    """Return the mandates that guardians have for this person now, the oldest first."""
    return _read(session, Mandate.party_id == minor_id, at=at)


def may_act(session: Session, guardian_id: str, minor_id: str, scope: MandateScope, *, at: datetime) -> bool:
    """Tell whether this person may act for that one in this scope at this instant."""
    found = _read(session, Mandate.person_id == guardian_id, Mandate.party_id == minor_id, at=at)
    return any(each.scope is scope for each in found)


def wards_of(session: Session, guardian_id: str, *, at: datetime) -> tuple[Guardianship, ...]:
    """Return the mandates by which this person may act towards others as if for themself, the oldest first.

    From the 14th birthday on nobody may: what is left until the 18th opens nothing by itself (see `MandateScope`).
    """
    return tuple(each for each in of_guardian(session, guardian_id, at=at) if each.scope is MandateScope.ACCOUNT)


def acts_column(guardian_id: Any, minor_id: Any, at: Any) -> sa.Exists:
    """Return, for statements that read more at once, whether one may act for the other as `wards_of` tells."""
    guardian, minor = aliased(Person), aliased(Person)
    return sa.exists().where(
        *_stands(at),
        Mandate.person_id == guardian_id,
        Mandate.party_id == minor_id,
        Mandate.scope[0].as_string() == MandateScope.ACCOUNT,
        guardian.id == Mandate.person_id,
        guardian.status == PersonStatus.ACTIVE,
        minor.id == Mandate.party_id,
        minor.status == PersonStatus.ACTIVE,
    )


def _read(session: Session, *conditions: sa.ColumnElement[bool], at: datetime) -> tuple[Guardianship, ...]:
    guardian, minor = aliased(Person), aliased(Person)
    columns: tuple[Any, ...] = (Mandate.id, Mandate.person_id, Mandate.party_id, Mandate.scope)
    rows = session.execute(
        sa.select(*columns, Mandate.valid_from, Mandate.valid_to)
        .join(guardian, guardian.id == Mandate.person_id)
        .join(minor, minor.id == Mandate.party_id)
        .where(
            *_stands(at),
            *conditions,
            guardian.status == PersonStatus.ACTIVE,
            minor.status == PersonStatus.ACTIVE,
        )
        .order_by(Mandate.valid_from, Mandate.id)
    )
    return tuple(
        Guardianship(row.id, row.person_id, row.party_id, MandateScope(row.scope[0]), row.valid_from, row.valid_to)
        for row in rows
    )


def _stands(at: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Mandate.party_kind == PartyKind.PERSON,
        Mandate.revoked_at.is_(None),
        Mandate.valid_from <= at,
        Mandate.valid_to > at,
    )
