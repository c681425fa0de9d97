"""The identity level (`ial`) that a session carries: the highest proofing still valid, 1 where none counts for it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.persons.models import Proofing

#: Self-declared, with a mobile number that was verified at registration.
SELF_DECLARED = 1


def is_valid_proofing(person_id: Any, at: Any) -> sa.ColumnElement[bool]:
    """Return the condition for a proofing of the person that counts at that instant."""
    return sa.and_(
        Proofing.person_id == person_id,
        Proofing.revoked_at.is_(None),
        sa.or_(Proofing.valid_until.is_(None), Proofing.valid_until > at),
    )


def highest_proofing(person_id: Any, at: Any, *, is_vouched: Any) -> sa.ScalarSelect[int]:
    """Return the highest valid level as a column for statements that read more at once; NULL without any.

    `is_vouched` is the session's column: one whose means nobody proved carries no proofing (see `vouching`).
    """
    return sa.select(sa.func.max(Proofing.level)).where(is_valid_proofing(person_id, at), is_vouched).scalar_subquery()


def level_of(highest: int | None) -> int:
    """Return the `ial` for what `highest_proofing` gave."""
    return max(highest or SELF_DECLARED, SELF_DECLARED)


def identity_level(session: Session, person_id: str, at: datetime, *, is_vouched: bool = True) -> int:
    """Return the `ial` at that instant, computed and never stored as a fact."""
    if not is_vouched:
        return SELF_DECLARED
    return level_of(session.scalar(sa.select(sa.func.max(Proofing.level)).where(is_valid_proofing(person_id, at))))


def valid_until(session: Session, person_id: str, at: datetime) -> datetime | None:
    """Return until when the present identity level counts, None for ever or where nothing was proved."""
    row = session.execute(
        sa.select(Proofing.valid_until)
        .where(is_valid_proofing(person_id, at))
        .order_by(Proofing.level.desc(), Proofing.valid_until.desc())
        .limit(1)
    ).one_or_none()
    return row.valid_until if row is not None else None
