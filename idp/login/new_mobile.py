"""Another verified mobile for a person: the code to it, and the change with everybody told.

The page is the same whether anybody holds the new number; the truth goes to that number alone.
"""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.messages import Messages, civil_time
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import Refusal
from idp.login.released_mobiles import ReleasedMobiles
from idp.persons import mobile_releases, recoveries
from idp.persons.contacts import Contacts, ContactTaken
from idp.persons.directory import Directory
from idp.persons.mobile_releases import Outcome
from idp.persons.vocabulary import ContactKind
from realname.documents.masking import mask_mobile


class NewMobile:
    """Sends the code and makes the change, for the account centre and for the login alike."""

    def __init__(
        self,
        *,
        directory: Directory,
        contacts: Contacts,
        codes: OneTimeCodes,
        messages: Messages,
        releases: ReleasedMobiles,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._contacts = contacts
        self._codes = codes
        self._messages = messages
        self._releases = releases
        self._clock = clock

    def count(self, mobile: str) -> None:
        """Count one more code for the mobile; raises LoginRefused for too many."""
        if not self._codes.is_allowed(mobile):
            raise LoginRefused(Refusal.TOO_MANY_CODES)

    def send(
        self,
        session: Session,
        person_id: str,
        mobile: str,
        *,
        session_id: str | None,
        locale: str,
        origin: Origin,
    ) -> dict[str, Any]:
        """Send a code and return what to park. It proves the mobile also where another account has it."""
        taken = self._directory.find_by_mobile(session, mobile)
        code, parked = self._codes.draw(is_real=True)
        template = "contact_known_mobile" if taken else "contact_code"
        parameters = {"code": code, "minutes": str(self._codes.life_minutes)}
        whose = taken.person_id if taken else person_id
        self._messages.send_code(session, mobile, template, parameters, locale=locale, person_id=whose)
        record(
            session,
            Event.MESSAGE_REQUESTED,
            at=self._clock.now(),
            person_id=person_id,
            session_id=session_id,
            origin=origin,
            details={"template": template},
        )
        return parked | {"person_id": person_id, "mobile": mobile}

    def bind(self, session: Session, person_id: str, mobile: str, *, locale: str, origin: Origin) -> bool:
        """Make a proved mobile the person's and tell the old contacts and it; False where another account has it."""
        now = self._clock.now()
        before = self._directory.contacts(session, person_id)
        running = mobile_releases.open_of_person(session, person_id)
        if not self._set(session, person_id, mobile, origin):
            return False
        # What was begun with a code to the old number must not be ended with one to the new.
        recoveries.cancel(session, person_id, reason="mobile_changed", at=now, origin=origin)
        contested = [contact for contact in before if running is not None and contact.id == running.contact_id]
        # The old number as well: if the change is a thief's, it alone still reaches the owner.
        old = {contact.value for contact in before}
        after = self._directory.contacts(session, person_id)
        told = (*before, *(contact for contact in after if contact.value not in old))
        parameters = {"time": civil_time(now), "mobile": mask_mobile(mobile)}
        reached = [contact for contact in told if contact not in contested]
        self._messages.tell(session, reached, "contact_changed", parameters, locale=locale, person_id=person_id)
        if running is not None:
            # Somebody else may have that phone: they learn that it is free, and nothing of the new one.
            mobile_releases.end(session, running.id, Outcome.MOOT, at=now)
            self._messages.tell(session, contested, "mobile_free", {}, locale=locale, person_id=person_id)
        return True

    def _set(self, session: Session, person_id: str, mobile: str, origin: Origin) -> bool:
        now = self._clock.now()
        try:
            self._contacts.set_current(session, person_id, ContactKind.MOBILE, mobile, at=now, origin=origin)
        except ContactTaken:
            # One whose time has come is let go here, if no worker was faster; of two who want it one gets it.
            if not self._releases.release_due(session, mobile, origin=origin):
                return False
            try:
                self._contacts.set_current(session, person_id, ContactKind.MOBILE, mobile, at=now, origin=origin)
            except ContactTaken:
                return False
        return True
