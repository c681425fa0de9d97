"""The step before staff set up their first app: a code by SMS to the mobile that is kept with the account.

A password alone must not be enough to become somebody's second factor.
"""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction, Interactions
from idp.login.messages import Messages
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import Refusal
from idp.login.staff_proof import person_at
from idp.persons.directory import Directory
from idp.storage.engine import Database

#: Where the parked half of the code lies in the interaction.
PARKED = "mobile_code"


class ConfirmMobileStep:
    """Sends a code to the verified mobile of who proved the password here, and checks it."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        codes: OneTimeCodes,
        messages: Messages,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._codes = codes
        self._messages = messages
        self._clock = clock

    def mobile_of(self, interaction: Interaction) -> str | None:
        """Return the mobile in clear, for the page to mask; None where none is verified. Raises PageError."""
        person_id = person_at(interaction)
        with self._database.read() as session:
            return self._mobile_of(session, person_id)

    def send(self, interaction: Interaction, *, locale: str, origin: Origin) -> Interaction:
        """Park a code and send it; raises LoginRefused without a mobile, or for too many codes."""
        person_id = person_at(interaction)
        mobile = self.mobile_of(interaction)
        if mobile is None:
            raise LoginRefused(Refusal.NOT_NOW, detail="no verified mobile")
        if not self._codes.is_allowed(mobile):
            raise LoginRefused(Refusal.TOO_MANY_CODES)
        code, parked = self._codes.draw(is_real=True)
        with self._database.transaction() as session:
            parameters = {"code": code, "minutes": str(self._codes.life_minutes)}
            self._messages.send_code(session, mobile, "staff_code", parameters, locale=locale, person_id=person_id)
            record(
                session,
                Event.MESSAGE_REQUESTED,
                at=self._clock.now(),
                person_id=person_id,
                origin=origin,
                details={"template": "staff_code"},
            )
        return self._interactions.save(
            interaction, scratch={PARKED: {**parked, "mobile": mobile, "person_id": person_id}}
        )

    def submit(self, interaction: Interaction, typed: str, *, origin: Origin) -> Interaction:
        """Return the interaction with one more proof; raises LoginRefused or PageError."""
        person_id = person_at(interaction)
        parked: dict[str, Any] | None = interaction.scratch.get(PARKED)
        if parked is None or parked["person_id"] != person_id:
            raise LoginRefused(Refusal.CODE, detail="no code was sent")
        with self._database.transaction() as session:
            allowed = self._codes.reserve(session, parked)
        is_right = self._codes.is_right(parked, typed) and allowed
        with self._database.transaction() as session:
            # The number may have changed hands since the code was sent.
            is_right = is_right and self._mobile_of(session, person_id) == parked["mobile"]
            if not is_right or not self._codes.use(session, parked):
                self._refuse(session, person_id, origin)
        now, before = self._clock.now(), interaction.progress
        progress = before.proved(person_id, "sms", now, known_device=before.known_device)
        return self._interactions.save(interaction, progress=progress, scratch={PARKED: None})

    def _mobile_of(self, session: Session, person_id: str) -> str | None:
        mobile = self._directory.mobile(session, person_id)
        return mobile.value if mobile is not None else None

    def _refuse(self, session: Session, person_id: str, origin: Origin) -> None:
        record(
            session,
            Event.LOGIN_FAILED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason="wrong_code",
            person_id=person_id,
            origin=origin,
        )
        raise LoginRefused(Refusal.CODE)
