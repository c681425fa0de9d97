"""The second factor of an account: setting up the app, removing it, making recovery codes."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.account.current_password import CurrentPassword, Holder, PasswordAttempt
from idp.login.enrolment import Enrolment
from idp.login.messages import Messages, civil_time
from idp.login.refusal import Refusal
from idp.login.second_factor import ReservedTry, SecondFactor
from idp.persons.credentials import end_credentials
from idp.persons.directory import Directory
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.roles import is_staff
from idp.persons.totp import Totp
from idp.persons.vocabulary import CredentialKind
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.masking import mask_name


class Authenticator:
    """Adds and removes second factors; adding asks the password, removing an existing factor as well."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        current: CurrentPassword,
        second: SecondFactor,
        directory: Directory,
        totp: Totp,
        recovery_codes: RecoveryCodes,
        messages: Messages,
        clock: Clock,
        life_seconds: int,
    ) -> None:
        self._database = database
        self._store = store
        self._current = current
        self._second = second
        self._directory = directory
        self._totp = totp
        self._recovery_codes = recovery_codes
        self._messages = messages
        self._clock = clock
        self._life_seconds = life_seconds

    def is_enrolled(self, person_id: str) -> bool:
        """Tell whether the person has a confirmed app."""
        with self._database.read() as session:
            return self._totp.is_enrolled(session, person_id)

    def enrolment(self, holder: Holder) -> Enrolment | None:
        """Return what this session is setting up, or None: then the password is asked first."""
        parked = self._store.get(Kind.ENROLMENT, holder.session_id)
        if parked is None or parked["person_id"] != holder.person_id:
            return None
        return Enrolment(parked["secret"], parked["uri"])

    def start(self, holder: Holder, current: str, *, origin: Origin) -> None:
        """Draw a secret that does not count yet; raises LoginRefused, also where an app counts already."""
        attempt = self._current.attempt(holder, current)
        with self._database.transaction() as session:
            self._current.settle(session, attempt, origin=origin)
            self._refuse_enrolled(session, holder)
            # The password alone is asked here: of staff the staff login asks more before it sets up an app.
            if is_staff(session, holder.person_id):
                raise LoginRefused(Refusal.STAFF_LOGIN_FIRST)
            profile = self._directory.profile(session, holder.person_id)
            enrolment = self._totp.enrol(
                session,
                holder.person_id,
                account_label=mask_name(profile.full_name or ""),
                at=self._clock.now(),
            )
        document = {"person_id": holder.person_id, "secret": enrolment.secret, "uri": enrolment.uri}
        self._store.put(Kind.ENROLMENT, holder.session_id, document, seconds=self._life_seconds)

    def confirm(self, holder: Holder, typed: str, *, locale: str, origin: Origin) -> Sequence[str]:
        """Make the app count and return the recovery codes, to be shown once; raises LoginRefused."""
        if self.enrolment(holder) is None:
            raise LoginRefused(Refusal.CODE, detail="nothing is being set up")
        reserved, now = self._second.reserve(holder.person_id, holder.device_secret), self._clock.now()
        with self._database.transaction() as session:
            self._refuse_enrolled(session, holder)
            if is_staff(session, holder.person_id):  # granted since it was begun
                raise LoginRefused(Refusal.STAFF_LOGIN_FIRST)
            if not reserved.allowed or not self._totp.confirm(session, holder.person_id, typed, at=now, origin=origin):
                self._refuse(session, holder, "wrong_first_code", origin)
            self._second.clear(session, reserved)
            codes = self._recovery_codes.generate(session, holder.person_id, at=now, origin=origin)
            self._tell(session, holder, "totp_enabled", locale)
        self._store.delete(Kind.ENROLMENT, holder.session_id)
        return codes

    def remove(self, holder: Holder, current: str, typed: str, *, locale: str, origin: Origin) -> None:
        """End the app and the recovery codes; raises LoginRefused, also as long as a staff role is held.

        Asks the second factor too: a password alone must not take away what protects against its loss.
        """
        attempt = self._current.attempt(holder, current)
        reserved = self._reserve(attempt, holder)
        with self._database.transaction() as session:
            self._settle(session, attempt, reserved, typed, locale, origin)
            if is_staff(session, holder.person_id):
                raise LoginRefused(Refusal.STAFF_TOTP)
            now = self._clock.now()
            self._totp.remove(session, holder.person_id, at=now, origin=origin)
            end_credentials(session, holder.person_id, CredentialKind.RECOVERY_CODE, at=now, origin=origin)
            self._tell(session, holder, "totp_removed", locale)

    def new_codes(self, holder: Holder, current: str, typed: str, *, locale: str, origin: Origin) -> Sequence[str]:
        """Return a new set of recovery codes, to be shown once; raises LoginRefused."""
        attempt = self._current.attempt(holder, current)
        reserved = self._reserve(attempt, holder)
        with self._database.transaction() as session:
            self._settle(session, attempt, reserved, typed, locale, origin)
            codes = self._recovery_codes.generate(session, holder.person_id, at=self._clock.now(), origin=origin)
            self._tell(session, holder, "recovery_codes_made", locale)
        return codes

    def _reserve(self, attempt: PasswordAttempt, holder: Holder) -> ReservedTry | None:
        """Count a try of the second factor; none is spent where the password was wrong already."""
        return self._second.reserve(holder.person_id, holder.device_secret) if attempt.is_right else None

    def _settle(
        self,
        session: Session,
        attempt: PasswordAttempt,
        reserved: ReservedTry | None,
        typed: str,
        locale: str,
        origin: Origin,
    ) -> None:
        self._current.settle(session, attempt, origin=origin)
        holder = attempt.holder
        if not self._totp.is_enrolled(session, holder.person_id):
            raise LoginRefused(Refusal.NOT_NOW, detail="no app is set up")
        if reserved is None or not self._second.is_right(session, reserved, typed, locale=locale, origin=origin):
            self._refuse(session, holder, "wrong_second_factor", origin)

    def _refuse_enrolled(self, session: Session, holder: Holder) -> None:
        # Replacing an app by the password alone would take the second factor away.
        if self._totp.is_enrolled(session, holder.person_id):
            raise LoginRefused(Refusal.NOT_NOW, detail="an app is set up already")

    def _tell(self, session: Session, holder: Holder, template: str, locale: str) -> None:
        parameters = {"time": civil_time(self._clock.now())}
        self._messages.notify(session, holder.person_id, template, parameters, locale=locale)

    def _refuse(self, session: Session, holder: Holder, reason: str, origin: Origin) -> None:
        record(
            session,
            Event.REAUTHENTICATION_FAILED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=holder.person_id,
            session_id=holder.session_id,
            origin=origin,
        )
        raise LoginRefused(Refusal.CODE, detail=reason)
