"""The identity level (`ial`) of a person: the highest proofing that is still valid, 1 without any."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.persons.models import Proofing

#: Self-declared, with a mobile number that was verified at registration.
SELF_DECLARED = 1


def identity_level(session: Session, person_id: str, at: datetime) -> int:
    """Return the person's `ial` at that instant, computed and never stored as a fact."""
    highest = session.scalar(
        sa.select(sa.func.max(Proofing.level)).where(
            Proofing.person_id == person_id,
            Proofing.revoked_at.is_(None),
            sa.or_(Proofing.valid_until.is_(None), Proofing.valid_until > at),
        )
    )
    return max(highest or SELF_DECLARED, SELF_DECLARED)
