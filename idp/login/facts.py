"""What the decider needs to know of a person, read in one place."""

from datetime import datetime

from sqlalchemy.orm import Session

from clients import consents
from idp.login.next_step import PersonFacts
from idp.persons import mobile_releases
from idp.persons.identity_level import identity_level
from idp.persons.roles import is_staff
from idp.persons.totp import Totp


class FactReader:
    """Reads the facts of a person for one client."""

    def __init__(self, *, totp: Totp) -> None:
        self._totp = totp

    def of(
        self, session: Session, person_id: str, client_id: str | None, at: datetime, *, for_staff: bool = False
    ) -> PersonFacts:
        """Return the facts; `client_id` is None for our own account centre, which needs no consent."""
        return PersonFacts(
            ial=identity_level(session, person_id, at),
            has_totp=self._totp.is_enrolled(session, person_id),
            mobile_contested=mobile_releases.open_of_person(session, person_id) is not None,
            mobile_lost=mobile_releases.has_lost_mobile(session, person_id),
            granted=consents.granted(session, person_id, client_id) if client_id else frozenset(),
            is_staff=for_staff and is_staff(session, person_id),
        )
