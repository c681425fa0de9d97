"""What becomes of an account that its owner got back into: everything that was open ends, everybody is told."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.crypto.keyring import Keyring
from idp.login.loop import Browser
from idp.login.messages import Messages, civil_time
from idp.login.refusal import Refusal
from idp.persons import credentials, recoveries
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.recoveries import RecoveryKind
from idp.persons.roles import is_staff
from idp.persons.totp import Totp
from idp.persons.tries import Purpose, Tries, subject_of_person
from idp.persons.used_proofs import use_once
from idp.persons.vocabulary import CredentialKind, PersonStatus
from idp.sessions.ending import SessionEnding
from idp.tokens import families

_REASON = "recovered"
# Longer than any interaction lives.
_KEEP = timedelta(days=1)


class RecoveredAccounts:
    """Carries out a recovery that was proved; all within the caller's transaction."""

    def __init__(
        self,
        *,
        directory: Directory,
        devices: Devices,
        totp: Totp,
        tries: Tries,
        ending: SessionEnding,
        messages: Messages,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._devices = devices
        self._totp = totp
        self._tries = tries
        self._ending = ending
        self._messages = messages
        self._keyring = keyring
        self._clock = clock

    def spend(self, session: Session, granted: dict[str, Any]) -> bool:
        """Spend the right to set a password; False where it was spent, cancelled, or the person is not active."""
        now, person_id = self._clock.now(), granted["person_id"]
        person = self._directory.load(session, person_id)
        if person is None or person.status is not PersonStatus.ACTIVE:
            return False
        # The number that the code went to was changed since, or taken off: what it began ends with it.
        if all(each.value != granted["mobile"] for each in self._directory.contacts(session, person_id)):
            return False
        # A password that was changed since is the owner's answer to this recovery.
        if any(each.changed_at > datetime.fromisoformat(granted["at"]) for each in _passwords(session, person_id)):
            return False
        if granted["recovery_id"] is not None and not recoveries.finish(
            session, person_id, granted["recovery_id"], RecoveryKind.PASSWORD, at=now
        ):
            return False
        return use_once(session, "recovery", granted["grant_id"], at=now, keep_until=now + _KEEP)

    def set_password(
        self,
        session: Session,
        person_id: str,
        new_hash: str,
        browser: Browser,
        *,
        locale: str,
        origin: Origin,
    ) -> None:
        """Replace the password; second factors stay (ASVS 6.4.3), sessions, tokens and devices end."""
        now = self._clock.now()
        credentials.change_password(session, person_id, new_hash, at=now, origin=origin)
        recoveries.cancel(session, person_id, reason=_REASON, at=now, origin=origin)
        for purpose in (Purpose.PASSWORD, Purpose.REGISTERED_NUMBER):
            self._tries.clear_all(session, subject_of_person(self._keyring, person_id, purpose))
        self._ending.end_others(session, person_id, keep=None, reason=_REASON, origin=origin)
        families.revoke_of_person(session, person_id, reason=_REASON, at=now)
        self._devices.forget_all(session, person_id, at=now)
        self._devices.remember(session, person_id, browser.device_secret, browser.device_label, at=now)
        self._messages.notify(session, person_id, "recovery_done", {"time": civil_time(now)}, locale=locale)
        self._record(session, person_id, RecoveryKind.PASSWORD, origin)

    def refuse_staff(self, session: Session, person_id: str) -> None:
        """Raise LoginRefused where a staff role is held: the app of staff stays as long as the role."""
        credentials.lock_person(session, person_id)  # a role that is being granted is seen
        if is_staff(session, person_id):
            raise LoginRefused(Refusal.STAFF_TOTP)

    def remove_totp(self, session: Session, person_id: str, *, locale: str, origin: Origin) -> None:
        """End the app and the recovery codes of who waited for it."""
        now = self._clock.now()
        self._totp.remove(session, person_id, at=now, origin=origin)
        credentials.end_credentials(session, person_id, CredentialKind.RECOVERY_CODE, at=now, origin=origin)
        self._messages.notify(session, person_id, "totp_removed", {"time": civil_time(now)}, locale=locale)
        self._record(session, person_id, RecoveryKind.TOTP, origin)

    def _record(self, session: Session, person_id: str, kind: RecoveryKind, origin: Origin) -> None:
        record(
            session,
            Event.RECOVERY_FINISHED,
            at=self._clock.now(),
            person_id=person_id,
            origin=origin,
            details={"kind": kind},
        )


def _passwords(session: Session, person_id: str) -> list[credentials.CredentialRecord]:
    found = credentials.credentials_of(session, person_id)
    return [each for each in found if each.kind is CredentialKind.PASSWORD]
