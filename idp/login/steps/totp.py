"""The second factor: a code from an authenticator app, or a recovery code in its place."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused, PageError
from idp.crypto.keyring import Keyring
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.loop import Browser
from idp.login.messages import Messages, civil_time
from idp.login.refusal import Refusal
from idp.persons.devices import Devices
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.totp import Totp
from idp.persons.tries import Purpose, Tries, TryAllowed, device_key_of, subject_of_person
from idp.storage.engine import Database


class TotpStep:
    """Checks the second factor of the person who proved a first one here, or whose session is stepped up."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        devices: Devices,
        totp: Totp,
        recovery_codes: RecoveryCodes,
        messages: Messages,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._devices = devices
        self._totp = totp
        self._recovery_codes = recovery_codes
        self._messages = messages
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def submit(
        self,
        interaction: Interaction,
        typed: str,
        browser: Browser,
        origin: Origin,
        *,
        session_person: str | None,
        is_recovery_code: bool = False,
        locale: str = "zh_CN",
    ) -> Interaction:
        """Return the interaction with the second factor proved; raises LoginRefused or PageError.

        `session_person` is whose session is stepped up where this interaction has no first proof of its own.
        """
        progress = interaction.progress
        person_id = progress.person_id if progress.session_id is None else session_person
        person_id = person_id or session_person
        if person_id is None:
            raise PageError(InteractionProblem.EXPIRED, detail="no first factor")
        now = self._clock.now()
        subject = subject_of_person(self._keyring, person_id, Purpose.SECOND_FACTOR)
        with self._database.transaction() as session:
            device_id = self._devices.recognise(session, person_id, browser.device_secret, at=now)
            device_key = device_key_of(device_id)
            reserved = self._tries.reserve(session, subject, device_key, at=now)
        with self._database.transaction() as session:
            if not isinstance(reserved, TryAllowed):
                self._refuse(session, person_id, "blocked", origin, now)
            if not self._check(session, person_id, typed, now, origin, is_recovery_code, locale):
                self._refuse(session, person_id, "wrong_second_factor", origin, now)
            self._tries.clear(session, subject, device_key)
        proved = progress.proved(person_id, "otp", now, known_device=device_id is not None)
        return self._interactions.save(interaction, progress=proved)

    def has_recovery_codes(self, person_id: str) -> bool:
        """Tell whether the page offers to use a recovery code instead."""
        with self._database.read() as session:
            return self._recovery_codes.count_left(session, person_id) > 0

    def _check(
        self,
        session: Session,
        person_id: str,
        typed: str,
        now: datetime,
        origin: Origin,
        is_recovery_code: bool,
        locale: str,
    ) -> bool:
        if not is_recovery_code:
            return self._totp.verify(session, person_id, typed, at=now)
        if not self._recovery_codes.use(session, person_id, typed, at=now, origin=origin):
            return False
        self._messages.notify(session, person_id, "recovery_code_used", {"time": civil_time(now)}, locale=locale)
        return True

    def _refuse(self, session: Session, person_id: str, reason: str, origin: Origin, at: datetime) -> None:
        record(
            session,
            Event.LOGIN_FAILED,
            at=at,
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=person_id,
            origin=origin,
        )
        raise LoginRefused(Refusal.CODE, detail=reason)
