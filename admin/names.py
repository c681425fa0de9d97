"""How pages name people: colleagues in full, because somebody answers for what they signed; citizens masked."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from idp.web.context import house
from realname.documents.masking import mask_name


def colleagues(session: Session, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of staff by their ids; one who has no name is called by the beginning of the id."""
    directory = house().people.directory
    return {
        each: directory.profile(session, each).full_name or each[:6] for each in set(person_ids) if each is not None
    }


def masked(session: Session, person_id: str) -> str:
    """Return the masked name of a citizen."""
    return mask_name(house().people.directory.profile(session, person_id).full_name or "")
