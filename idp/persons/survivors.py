"""Who somebody is now, after persons that were one became one; their earlier ids lead there for ever."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.persons.models import Person


def survivor_of(session: Session, person_id: str) -> str:
    """Return who a person is now: themself, or whoever they became one with, however often."""
    seen = {person_id}
    while True:
        onward = session.scalar(sa.select(Person.merged_into).where(Person.id == person_id))
        if onward is None or onward in seen:
            return person_id
        person_id = onward
        seen.add(onward)
