"""The step of who logged in by a password and needs a second factor: a code to their own mobile."""

from typing import Any

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction, Interactions
from idp.login.own_mobile import OwnMobile
from idp.login.raising import holder_of
from idp.login.refusal import Refusal
from idp.sessions.service import LiveSession
from idp.storage.engine import Database

#: Where the parked half of the code lies in the interaction.
PARKED = "factor_code"


class MobileFactorStep:
    """Raises the authenticator level of who logged in within this very interaction, never of an open session."""

    def __init__(self, *, database: Database, interactions: Interactions, own_mobile: OwnMobile, clock: Clock) -> None:
        self._database = database
        self._interactions = interactions
        self._own_mobile = own_mobile
        self._clock = clock

    def mobile_of(self, live: LiveSession) -> str | None:
        """Return the mobile in clear, for the page to mask; None where none is verified."""
        return self._own_mobile.of(live.person_id)

    def send(self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin) -> Interaction:
        """Park a code and send it; raises LoginRefused or PageError."""
        parked = self._own_mobile.send(holder_of(interaction, live), "login_code", locale=locale, origin=origin)
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def submit(self, interaction: Interaction, live: LiveSession, typed: str, *, origin: Origin) -> Interaction:
        """Return the interaction with one more factor, from which the session is established anew."""
        person_id = holder_of(interaction, live)
        parked: dict[str, Any] | None = interaction.scratch.get(PARKED)
        if parked is None or parked["person_id"] != person_id:
            raise LoginRefused(Refusal.CODE, detail="no code was sent")
        is_allowed = self._own_mobile.reserve(parked)
        now = self._clock.now()
        with self._database.transaction() as session:
            if not self._own_mobile.use(session, parked, typed, is_allowed=is_allowed):
                record(
                    session,
                    Event.LOGIN_FAILED,
                    at=now,
                    outcome=Outcome.REFUSED,
                    reason="wrong_code",
                    person_id=person_id,
                    origin=origin,
                )
                raise LoginRefused(Refusal.CODE)
        progress = interaction.progress.also("sms").stepped_up(now)
        return self._interactions.save(interaction, progress=progress, scratch={PARKED: None})
