"""The current password, asked for again before something sensitive changes (ASVS 7.5.1)."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.crypto.keyring import Keyring
from idp.login.refusal import Refusal
from idp.persons import credentials
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.passwords import Passwords
from idp.persons.tries import Tries, TryAllowed, device_key_of, subject_of_person
from idp.persons.vocabulary import PersonStatus
from idp.sessions.service import Sessions
from idp.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Holder:
    """Who acts in the account centre: a person, in one of their sessions, on one device."""

    person_id: str
    session_id: str
    device_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordAttempt:
    """A password that was counted and compared; what became of it is told by `CurrentPassword.settle`."""

    holder: Holder
    subject: str
    device_key: str
    allowed: bool
    is_right: bool
    stored_hash: str | None = field(repr=False)


class CurrentPassword:
    """Checks the password of who is logged in; its tries are the same ones that the login counts."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        directory: Directory,
        devices: Devices,
        passwords: Passwords,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._directory = directory
        self._devices = devices
        self._passwords = passwords
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def attempt(self, holder: Holder, typed: str) -> PasswordAttempt:
        """Count a try for good, then compare outside any transaction; opens transactions of its own."""
        now = self._clock.now()
        subject = subject_of_person(self._keyring, holder.person_id)
        with self._database.transaction() as session:
            device_id = self._devices.recognise(session, holder.person_id, holder.device_secret, at=now)
            device_key = device_key_of(device_id)
            reserved = self._tries.reserve(session, subject, device_key, at=now)
            stored_hash = credentials.password_hash_of(session, holder.person_id)
        allowed = isinstance(reserved, TryAllowed)
        # A blocked try costs the same hash, so that being blocked cannot be told by the clock.
        matches = self._passwords.verify(typed, stored_hash if allowed else None)
        return PasswordAttempt(holder, subject, device_key, allowed, matches and allowed, stored_hash)

    def settle(self, session: Session, attempt: PasswordAttempt, *, origin: Origin) -> None:
        """Clear the tries, or raise LoginRefused; in the transaction that acts on the attempt.

        Also refused are a session that ended meanwhile and a password that changed meanwhile: of two changes
        at the same moment one wins.
        """
        holder = attempt.holder
        credentials.lock_person(session, holder.person_id)
        reason = self._problem(session, attempt)
        if reason is not None:
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
            raise LoginRefused(Refusal.CURRENT_PASSWORD, detail=reason)
        self._tries.clear(session, attempt.subject, attempt.device_key)

    def _problem(self, session: Session, attempt: PasswordAttempt) -> str | None:
        holder = attempt.holder
        if not attempt.allowed:
            return "blocked"
        if not attempt.is_right:
            return "wrong_password"
        live = self._sessions.find_by_id(session, holder.session_id)
        if live is None or live.person_id != holder.person_id:
            return "session_ended"
        person = self._directory.load(session, holder.person_id)
        if person is None or person.status is not PersonStatus.ACTIVE:
            return "person_not_active"
        if credentials.password_hash_of(session, holder.person_id) != attempt.stored_hash:
            return "password_changed"
        return None
