"""The step of staff without an authenticator app: set one up, before any session begins."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.enrolment import Enrolment
from idp.login.interaction import Interaction, Interactions
from idp.login.loop import Browser
from idp.login.messages import Messages, civil_time
from idp.login.refusal import Refusal
from idp.login.second_factor import SecondFactor
from idp.login.staff_proof import hold_staff, person_at
from idp.persons.directory import Directory
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.totp import Totp
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.masking import mask_name


class TotpEnrolmentStep:
    """Gives an app to who proved the password and the mobile in this very login."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        interactions: Interactions,
        directory: Directory,
        totp: Totp,
        recovery_codes: RecoveryCodes,
        second: SecondFactor,
        messages: Messages,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._interactions = interactions
        self._directory = directory
        self._totp = totp
        self._recovery_codes = recovery_codes
        self._second = second
        self._messages = messages
        self._clock = clock

    def enrolment(self, interaction: Interaction) -> Enrolment:
        """Return what the page shows, the same one until its first code is right; raises PageError."""
        person_id = person_at(interaction, "sms")
        parked = self._store.get(Kind.ENROLMENT, interaction.id)
        if parked is not None and parked["person_id"] == person_id:
            return Enrolment(parked["secret"], parked["uri"])
        with self._database.read() as session:
            profile = self._directory.profile(session, person_id)
        secret, uri = self._totp.draw(mask_name(profile.full_name or ""))
        document = {"person_id": person_id, "secret": secret, "uri": uri}
        self._store.put(Kind.ENROLMENT, interaction.id, document, seconds=self._interactions.life_seconds)
        return Enrolment(secret, uri)

    def submit(
        self, interaction: Interaction, typed: str, browser: Browser, *, locale: str, origin: Origin
    ) -> Sequence[str]:
        """Make the app count and return the recovery codes, to be shown once; raises LoginRefused or PageError."""
        person_id = person_at(interaction, "sms")
        secret = self.enrolment(interaction).secret
        reserved, now = self._second.reserve(person_id, browser.device_secret), self._clock.now()
        with self._database.transaction() as session:
            hold_staff(session, self._directory, person_id)
            # One that counts already must not be replaced by less than itself.
            if self._totp.is_enrolled(session, person_id):
                raise LoginRefused(Refusal.NOT_NOW, detail="an app is set up already")
            if not reserved.allowed or not self._totp.adopt(session, person_id, secret, typed, at=now, origin=origin):
                self._refuse(session, person_id, origin)
            self._second.clear(session, reserved)
            codes = self._recovery_codes.generate(session, person_id, at=now, origin=origin)
            self._messages.notify(session, person_id, "totp_enabled", {"time": civil_time(now)}, locale=locale)
        self._store.delete(Kind.ENROLMENT, interaction.id)
        before = interaction.progress
        progress = before.proved(person_id, "otp", now, known_device=before.known_device)
        self._interactions.save(interaction, progress=progress)
        return codes

    def _refuse(self, session: Session, person_id: str, origin: Origin) -> None:
        record(
            session,
            Event.LOGIN_FAILED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason="wrong_first_code",
            person_id=person_id,
            origin=origin,
        )
        raise LoginRefused(Refusal.CODE, detail="wrong_first_code")
