"""Cases about who somebody is: two people who proved one number."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from idp.persons.models import Identifier
from realname.proofing.models import IdentityCase


@dataclass(frozen=True, slots=True)
class Case:
    """An open case: who proved the number now, and who had proved it before."""

    id: str
    kind: str
    opened_at: datetime
    person_id: str
    other_id: str


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
