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
from idp.login.own_mobile import OwnMobile
from idp.login.refusal import Refusal
from idp.login.staff_proof import person_at
from idp.storage.engine import Database

#: Where the parked half of the code lies in the interaction.
PARKED = "mobile_code"


class ConfirmMobileStep:
    """Sends a code to the verified mobile of who proved the password here, and checks it."""

    def __init__(self, *, database: Database, interactions: Interactions, own_mobile: OwnMobile, clock: Clock) -> None:
        self._database = database
        self._interactions = interactions
        self._own_mobile = own_mobile
        self._clock = clock

    def mobile_of(self, interaction: Interaction) -> str | None:
        """Return the mobile in clear, for the page to mask; None where none is verified. Raises PageError."""
        return self._own_mobile.of(person_at(interaction))

    def send(self, interaction: Interaction, *, locale: str, origin: Origin) -> Interaction:
        """Park a code and send it; raises LoginRefused without a mobile, or for too many codes."""
        parked = self._own_mobile.send(person_at(interaction), "staff_code", locale=locale, origin=origin)
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def submit(self, interaction: Interaction, typed: str, *, origin: Origin) -> Interaction:
        """Return the interaction with one more proof; raises LoginRefused or PageError."""
        person_id = person_at(interaction)
        parked: dict[str, Any] | None = interaction.scratch.get(PARKED)
        if parked is None or parked["person_id"] != person_id:
            raise LoginRefused(Refusal.CODE, detail="no code was sent")
        is_allowed = self._own_mobile.reserve(parked)
        with self._database.transaction() as session:
            if not self._own_mobile.use(session, parked, typed, is_allowed=is_allowed):
                self._refuse(session, person_id, origin)
        now, before = self._clock.now(), interaction.progress
        progress = before.proved(person_id, "sms", now, known_device=before.known_device)
        return self._interactions.save(interaction, progress=progress, scratch={PARKED: None})

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
