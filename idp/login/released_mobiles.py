"""A mobile that somebody else was seen to hold: waiting, the owner's objection, and taking it off the account.

The newcomer's proof opens, shows and changes nothing of the account that has the number. It starts a time of
which every other contact is told; who holds the number then is decided by a fresh code, like any free number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.core.ids import new_secret
from idp.login.messages import Messages, civil_time
from idp.persons import mobile_releases, recoveries
from idp.persons.ciphers import PersonErased
from idp.persons.contacts import Contacts, HeldContact, KnownContact
from idp.persons.credentials import lock_person
from idp.persons.directory import Directory
from idp.persons.mobile_releases import OpenRelease, Outcome
from idp.persons.vocabulary import ContactKind
from idp.storage.engine import Database
from realname.documents.masking import mask_mobile

#: After an objection the same mobile is not asked for again so soon: who differs goes to a service hall.
_REST = timedelta(days=30)


class Standing(StrEnum):
    """What became of a request to release a mobile."""

    FREE = "free"  # nobody holds it any more: a fresh code gives it
    WAITING = "waiting"
    KEPT = "kept"  # its owner objected lately


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer to who asked; `due_at` is set while the time runs."""

    standing: Standing
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Reach:
    """How the owner is reached: the contested mobile itself, and everything else they have."""

    person_id: str
    mobile: KnownContact | None
    others: tuple[KnownContact, ...]
    locale: str


class ReleasedMobiles:
    """Starts, stops and carries out releases; every decision is taken while the owner's row is held."""

    def __init__(
        self,
        *,
        database: Database,
        contacts: Contacts,
        directory: Directory,
        messages: Messages,
        clock: Clock,
        wait: timedelta,
        site: str,
        default_locale: str,
    ) -> None:
        self._database = database
        self._contacts = contacts
        self._directory = directory
        self._messages = messages
        self._clock = clock
        self._wait = wait
        self._site = site
        self._default_locale = default_locale

    def ask(self, mobile: str, *, origin: Origin) -> Asked:
        """Begin the waiting time for a mobile that was just proved, or return the one that runs."""
        now = self._clock.now()
        with self._database.transaction() as session:
            held = self._contacts.holder(session, ContactKind.MOBILE, mobile)
            if held is None:
                return Asked(Standing.FREE)
            lock_person(session, held.person_id)  # of two newcomers at once the second finds the first's
            if self._contacts.holder(session, ContactKind.MOBILE, mobile) != held:
                return Asked(Standing.FREE)
            running = mobile_releases.open_of_contact(session, held.contact_id)
            if running is not None and running.due_at <= now:
                self._take_off(session, running, origin)
                return Asked(Standing.FREE)
            if running is not None:
                return Asked(Standing.WAITING, running.due_at)
            if mobile_releases.kept_since(session, held.contact_id, since=now - _REST):
                return Asked(Standing.KEPT)
            return Asked(Standing.WAITING, self._start(session, held, now, origin))

    def release_due(self, session: Session, mobile: str, *, origin: Origin) -> bool:
        """Take the mobile off its account if its time has come; within the transaction that wants it."""
        held = self._contacts.holder(session, ContactKind.MOBILE, mobile)
        if held is None:
            return True
        lock_person(session, held.person_id)
        running = mobile_releases.open_of_contact(session, held.contact_id)
        if running is None or running.due_at > self._clock.now():
            return False
        return self._take_off(session, running, origin)

    def release_all_due(self) -> int:
        """Carry out what is due and return how many mobiles were taken off; for a periodic task."""
        with self._database.read() as session:
            waiting = mobile_releases.due(session, at=self._clock.now())
        done = 0
        for each in waiting:
            with self._database.transaction() as session:
                lock_person(session, each.person_id)
                done += self._take_off(session, each, NOWHERE)
        return done

    def keep(self, person_id: str, *, by: str, origin: Origin) -> bool:
        """Object for the person who says that the mobile is theirs; False where nothing is open any more.

        Possible until the mobile is taken off in fact, also past the date that was told.
        """
        with self._database.transaction() as session:
            lock_person(session, person_id)
            running = mobile_releases.open_of_person(session, person_id)
            return running is not None and self._keep(session, running, by, origin)

    def keep_by_notice(self, token: str, *, origin: Origin) -> bool:
        """Object by the token of a notice; False where it names nothing that is open."""
        with self._database.transaction() as session:
            running = mobile_releases.open_of_objection(session, hash_secret(token))
            if running is None:
                return False
            lock_person(session, running.person_id)
            return self._keep(session, running, "notice", origin)

    def due_of_notice(self, token: str) -> datetime | None:
        """Return until when the token of a notice can be used, None where it names nothing that is open."""
        with self._database.read() as session:
            running = mobile_releases.open_of_objection(session, hash_secret(token))
        return running.due_at if running else None

    def _start(self, session: Session, held: HeldContact, now: datetime, origin: Origin) -> datetime:
        due_at, token = now + self._wait, new_secret()
        mobile_releases.start(
            session,
            contact_id=held.contact_id,
            person_id=held.person_id,
            objection_hash=hash_secret(token),
            at=now,
            due_at=due_at,
        )
        # Whoever has the phone may be the newcomer: nothing that its codes began may run on.
        recoveries.cancel(session, held.person_id, reason="mobile_contested", at=now, origin=origin)
        details = {"due_at": due_at.isoformat()}
        self._record(session, Event.MOBILE_RELEASE_STARTED, held.person_id, origin, details=details)
        reach = self._reach(session, held.person_id, held.contact_id)
        if reach.mobile is not None:
            when = {"time": civil_time(due_at)}
            told = when | {"mobile": mask_mobile(reach.mobile.value)}
            link = {"link": f"{self._site}/mobile/keep?token={token}"}
            # A link goes by mail alone: people learn not to follow those in an SMS.
            self._tell(session, reach, ContactKind.EMAIL, "mobile_release_started", told | link)
            self._tell(session, reach, ContactKind.MOBILE, "mobile_release_notice", told)
            self._send(session, reach, "mobile_release_asked", when)
        return due_at

    def _keep(self, session: Session, release: OpenRelease, by: str, origin: Origin) -> bool:
        now = self._clock.now()
        if not mobile_releases.end(session, release.id, Outcome.KEPT, at=now):
            return False
        self._record(session, Event.MOBILE_RELEASE_KEPT, release.person_id, origin, reason=by)
        reach = self._reach(session, release.person_id, release.contact_id)
        if reach.mobile is not None:
            told = {"time": civil_time(now), "mobile": mask_mobile(reach.mobile.value)}
            self._tell(session, reach, None, "mobile_kept", told)
            self._send(session, reach, "mobile_release_refused", {})
        return True

    def _take_off(self, session: Session, release: OpenRelease, origin: Origin) -> bool:
        """End the contact of an account whose row is held; False where somebody was faster, or it had ended."""
        now, person_id = self._clock.now(), release.person_id
        reach = self._reach(session, person_id, release.contact_id)
        is_open = mobile_releases.still_open(session, release.id) is not None
        held = HeldContact(release.contact_id, person_id)
        if not is_open or not self._contacts.release(session, held, at=now, origin=origin):
            # Kept or released by somebody else, or the contact ended: then there is nothing left to decide.
            mobile_releases.end(session, release.id, Outcome.MOOT, at=now)
            return False
        mobile_releases.end(session, release.id, Outcome.RELEASED, at=now)
        recoveries.cancel(session, person_id, reason="mobile_released", at=now, origin=origin)
        self._record(session, Event.MOBILE_RELEASE_FINISHED, person_id, origin)
        if reach.mobile is not None:
            told = {"time": civil_time(now), "mobile": mask_mobile(reach.mobile.value)}
            self._tell(session, reach, None, "mobile_released", told)
            self._send(session, reach, "mobile_free", {})
        return True

    def _reach(self, session: Session, person_id: str, contact_id: str) -> _Reach:
        person = self._directory.load(session, person_id)
        locale = (person.locale if person else None) or self._default_locale
        try:
            contacts = self._directory.contacts(session, person_id)
        except PersonErased:
            return _Reach(person_id, None, (), locale)
        mobile = next((each for each in contacts if each.id == contact_id), None)
        return _Reach(person_id, mobile, tuple(each for each in contacts if each.id != contact_id), locale)

    def _tell(
        self, session: Session, reach: _Reach, kind: ContactKind | None, template: str, parameters: dict[str, str]
    ) -> None:
        told = [each for each in reach.others if kind is None or each.kind is kind]
        self._messages.tell(session, told, template, parameters, locale=reach.locale, person_id=reach.person_id)

    def _send(self, session: Session, reach: _Reach, template: str, parameters: dict[str, str]) -> None:
        """Tell whoever has the phone now; nothing about the account."""
        if reach.mobile is not None:
            self._messages.tell(
                session, [reach.mobile], template, parameters, locale=reach.locale, person_id=reach.person_id
            )

    def _record(
        self,
        session: Session,
        event: Event,
        person_id: str,
        origin: Origin,
        *,
        reason: str | None = None,
        details: dict[str, str] | None = None,
    ) -> None:
        at = self._clock.now()
        record(session, event, at=at, reason=reason, person_id=person_id, origin=origin, details=details)
