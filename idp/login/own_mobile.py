"""A code to the mobile that a person has verified: they show again that they hold it."""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.messages import Messages
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import Refusal
from idp.persons.directory import Directory
from idp.storage.engine import Database


class OwnMobile:
    """Sends the code and checks it; the parked half is a plain document that the step keeps."""

    def __init__(
        self, *, database: Database, directory: Directory, codes: OneTimeCodes, messages: Messages, clock: Clock
    ) -> None:
        self._database = database
        self._directory = directory
        self._codes = codes
        self._messages = messages
        self._clock = clock

    def of(self, person_id: str) -> str | None:
        """Return the mobile in clear, for the page to mask; None where none is verified."""
        with self._database.read() as session:
            return self._of(session, person_id)

    def send(self, person_id: str, template: str, *, locale: str, origin: Origin) -> dict[str, Any]:
        """Send a code and return what to park; raises LoginRefused without a mobile, or for too many codes."""
        mobile = self.of(person_id)
        if mobile is None:
            raise LoginRefused(Refusal.NOT_NOW, detail="no verified mobile")
        if not self._codes.is_allowed(mobile):
            raise LoginRefused(Refusal.TOO_MANY_CODES)
        code, parked = self._codes.draw(is_real=True)
        with self._database.transaction() as session:
            parameters = {"code": code, "minutes": str(self._codes.life_minutes)}
            self._messages.send_code(session, mobile, template, parameters, locale=locale, person_id=person_id)
            record(
                session,
                Event.MESSAGE_REQUESTED,
                at=self._clock.now(),
                person_id=person_id,
                origin=origin,
                details={"template": template},
            )
        return {**parked, "mobile": mobile, "person_id": person_id}

    def reserve(self, parked: dict[str, Any]) -> bool:
        """Count a try for good, before the code is compared; False where none is left."""
        with self._database.transaction() as session:
            return self._codes.reserve(session, parked)

    def use(self, session: Session, parked: dict[str, Any], typed: str, *, is_allowed: bool) -> bool:
        """Spend the code in the transaction that acts on it; False where it is wrong, spent, or the mobile changed."""
        is_right = self._codes.is_right(parked, typed) and is_allowed
        # The number may have changed hands since the code was sent.
        is_right = is_right and self._of(session, parked["person_id"]) == parked["mobile"]
        return is_right and self._codes.use(session, parked)

    def _of(self, session: Session, person_id: str) -> str | None:
        mobile = self._directory.mobile(session, person_id)
        return mobile.value if mobile is not None else None
