"""The `sub` of a person in a sector (OpenID Connect Core §8): random, made at first use, never derived."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.storage.upsert import insert_into
from idp.tokens.models import Subject


def subject_of(session: Session, person_id: str, sector: str, at: datetime) -> str:
    """Return the person's primary `sub` in `sector`, making it at first use; of two at once both get the same."""
    wanted = sa.select(Subject.sub).where(Subject.person_id == person_id, Subject.sector == sector, Subject.is_primary)
    found = session.scalar(wanted)
    if found is not None:
        return found
    session.execute(
        insert_into(session, Subject)
        .values(sector=sector, sub=new_id(), person_id=person_id, is_primary=True, created_at=at)
        .on_conflict_do_nothing()
    )
    return session.scalars(wanted).one()


def person_of(session: Session, sector: str, sub: str) -> str | None:
    """Return the person whom a sector knows by `sub`, primary or not, or None."""
    return session.scalar(sa.select(Subject.person_id).where(Subject.sector == sector, Subject.sub == sub))
