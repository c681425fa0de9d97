"""The password step: identify and prove by a password."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.crypto.keyring import Keyring
from idp.login.interaction import Interaction, Interactions
from idp.login.loop import Browser
from idp.login.new_password import NewPassword
from idp.login.refusal import Refusal
from idp.persons import credentials
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.login_identifier import LoginIdentifier
from idp.persons.passwords import Passwords
from idp.persons.roles import is_staff
from idp.persons.tries import Tries, TryAllowed, device_key_of, subject_of_person, subject_of_unknown
from idp.persons.vocabulary import ContactKind, PersonStatus
from idp.storage.engine import Database


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is known before the secret is looked at; the same reads and writes whoever was named."""

    person_id: str | None
    subject: str
    device_key: str
    device_known: bool
    stored_hash: str | None
    allowed: bool
    active: bool
    may_log_in: bool


class PasswordStep:
    """Checks identifier and password; unknown, wrong, locked and not of staff differ only in the audit log."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        devices: Devices,
        passwords: Passwords,
        new: NewPassword,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._devices = devices
        self._passwords = passwords
        self._new = new
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def submit(
        self, interaction: Interaction, identifier: str, password: str, browser: Browser, origin: Origin
    ) -> Interaction:
        """Return the interaction with one more proof; raises LoginRefused."""
        now = self._clock.now()
        with self._database.transaction() as session:
            attempt = self._reserve(session, identifier, browser, now, for_staff=interaction.for_staff)
        # Outside any transaction: a hash takes tens of milliseconds, and the try is committed already.
        # A blocked try costs the same hash, so that being blocked cannot be told by the clock.
        matches = self._passwords.verify(password, attempt.stored_hash if attempt.allowed else None)
        may_go_on = attempt.allowed and attempt.active and attempt.may_log_in
        is_good = matches and may_go_on and attempt.person_id is not None
        with self._database.transaction() as session:
            if not is_good:
                self._refuse(session, attempt, matches=matches, origin=origin, at=now)
            self._tries.clear(session, attempt.subject, attempt.device_key)
            self._strengthen(session, attempt, password)
        assert attempt.person_id is not None  # noqa: S101 - is_good says so
        progress = interaction.progress.proved(attempt.person_id, "pwd", now, known_device=attempt.device_known)
        if interaction.for_staff:
            # Only now is the plaintext at hand and known to be right.
            is_weak = not self._new.is_good_for_staff(attempt.person_id, password)
            progress = progress.with_password(now, is_weak=is_weak)
        return self._interactions.save(interaction, progress=progress)

    def _reserve(
        self, session: Session, identifier: str, browser: Browser, now: datetime, *, for_staff: bool
    ) -> _Attempt:
        typed = self._directory.read_identifier(identifier)
        if for_staff and typed.contact is not ContactKind.LOGIN_NAME:
            # Looked up like a name that nobody has: whose mobile or number it is must not be found here.
            typed = LoginIdentifier(typed.canonical)
        found = self._directory.find(session, typed)
        former = self._directory.find_former(session, typed)
        former_id = former.person_id if former else None
        is_theirs = self._devices.recognise(session, former_id, browser.device_secret, at=now) is not None
        # A mobile that was taken off still names who has no other name: on their own device, or while it is free.
        if former is not None and (is_theirs or found is None):
            found = former
        person_id = found.person_id if found else None
        device_id = self._devices.recognise(session, person_id, browser.device_secret, at=now)
        subject = (
            subject_of_person(self._keyring, person_id)
            if person_id
            else subject_of_unknown(self._keyring, typed.canonical)
        )
        device_key = device_key_of(device_id)
        reserved = self._tries.reserve(session, subject, device_key, at=now)
        return _Attempt(
            person_id=person_id,
            subject=subject,
            device_key=device_key,
            device_known=device_id is not None,
            stored_hash=credentials.password_hash_of(session, person_id),
            allowed=isinstance(reserved, TryAllowed),
            active=found is not None and found.status is PersonStatus.ACTIVE,
            may_log_in=not for_staff or is_staff(session, person_id),
        )

    def _refuse(self, session: Session, attempt: _Attempt, *, matches: bool, origin: Origin, at: datetime) -> None:
        if not attempt.allowed:
            reason = "blocked"
        elif attempt.person_id is None:
            reason = "unknown_person"
        elif not matches:
            reason = "wrong_password"
        elif not attempt.active:
            reason = "person_not_active"
        else:
            reason = "no_staff_role"
        record(
            session,
            Event.LOGIN_FAILED,
            at=at,
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=attempt.person_id,
            origin=origin,
        )
        raise LoginRefused(Refusal.CREDENTIALS, detail=reason)

    def _strengthen(self, session: Session, attempt: _Attempt, password: str) -> None:
        """Store a hash at today's cost where the old one was made at another."""
        if attempt.person_id and attempt.stored_hash and self._passwords.needs_rehash(attempt.stored_hash):
            credentials.rehash_password(
                session,
                attempt.person_id,
                old_hash=attempt.stored_hash,
                new_hash=self._passwords.hash(password),
            )
