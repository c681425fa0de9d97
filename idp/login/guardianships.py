"""Making and ending a guardianship: the child's person found or made, proved through the guardian, mandates granted.

What shows that one is the other's guardian was decided before: by the register (`idp.login.account.family`) or by two
at a counter (`idp.login.counter_guardianships`). Nobody becomes a guardian by saying so.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date, start_of
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.login.messages import Messages, civil_time
from idp.login.proved import ProvedAccounts
from idp.persons import mandates
from idp.persons.credentials import lock_person
from idp.persons.directory import Directory
from idp.persons.holders import Holders
from idp.persons.identity_level import identity_level
from idp.persons.registration import NewPerson, Registration
from idp.persons.vocabulary import MandateScope, PersonStatus
from idp.storage.locks import wait_for_lock
from idp.tokens import families
from realname.documents.birth_date import AGE_OF_OWN_CONSENT, birthday, needs_guardian
from realname.documents.document_number import DocumentNumber
from realname.documents.masking import mask_name
from realname.proofing.contest import Contest
from realname.proofing.evidence import Evidence
from realname.proofing.guardianship import LEAST_IAL, Adult, ProvenBy, is_minor, problem_of, scopes_of
from realname.proofing.method import Method

_KEEP = timedelta(days=1)


class GuardianshipProblem(StrEnum):
    """Why no guardianship comes about, beside what `GuardianProblem` says of the guardian."""

    NOT_MINOR = "not_minor"
    OWN_ACCOUNT = "own_account"  # 14 or older, and nobody with this number was proved yet
    DISPUTED = "disputed"
    MINOR_NOT_ACTIVE = "minor_not_active"
    NONE = "none"  # there is no guardianship that could be ended


@dataclass(frozen=True, slots=True)
class Child:
    """A minor by number and name; whether they have a person is found out."""

    number: DocumentNumber
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """What showed the guardianship: by what and whom, and what exactly, as a keyed digest where a counter made it."""

    by: ProvenBy
    provider: str
    code: str
    request_id: str
    actor_person: str
    office: str | None = None
    evidence_digest: str | None = None


class _Contested(Exception):
    """Somebody else proved the child's number in this very moment."""


class Guardianships:
    """Carries guardianships out; every method runs in the caller's transaction."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        directory: Directory,
        holders: Holders,
        registration: Registration,
        proved: ProvedAccounts,
        messages: Messages,
        clock: Clock,
        valid_days: int,
        default_locale: str,
    ) -> None:
        self._keyring = keyring
        self._directory = directory
        self._holders = holders
        self._registration = registration
        self._proved = proved
        self._messages = messages
        self._clock = clock
        self._valid = timedelta(days=valid_days)
        self._default_locale = default_locale

    def adult(self, session: Session, person_id: str, *, is_vouched: bool = True) -> Adult:
        """Return what is known of whoever would be a guardian; `is_vouched` is their session's."""
        person = self._directory.load(session, person_id)
        number = self._directory.proved_number(session, person_id)
        return Adult(
            is_active=person is not None and person.status is PersonStatus.ACTIVE,
            has_current_number=number is not None,
            ial=identity_level(session, person_id, self._clock.now(), is_vouched=is_vouched),
            birth_date=number.birth_date if number is not None else None,
        )

    def hold(self, session: Session, guardian_id: str) -> None:
        """Let nobody else grant anything, nor change the guardian, until the transaction ends; may be repeated.

        Two parents who come at once must not make two persons, whose numbers would then be disputed.
        """
        wait_for_lock(session, "guardianships")
        lock_person(session, guardian_id)

    def grant(
        self, session: Session, guardian_id: str, child: Child, shown: Shown, *, origin: Origin
    ) -> Ok[str] | Refused:
        """Make one the other's guardian and return the child's id; repeated, it changes nothing.

        Refused with a `GuardianProblem` or a `GuardianshipProblem`, and then nothing was written.
        """
        self.hold(session, guardian_id)
        today = civil_date(self._clock.now())
        if (problem := problem_of(self.adult(session, guardian_id), today)) is not None:
            return Refused(problem)
        born = child.number.birth_date
        if born is None or not is_minor(born, today):
            return Refused(GuardianshipProblem.NOT_MINOR)
        origin = replace(origin, actor_person=shown.actor_person, office=shown.office)
        try:
            with session.begin_nested():
                found = self._person_of(session, child, shown, born, origin)
        except _Contested:
            return Refused(GuardianshipProblem.DISPUTED)
        if isinstance(found, Refused):
            return found
        others = {each.guardian_id for each in mandates.of_minor(session, found.value, at=self._clock.now())}
        granted = self._grant_scopes(session, guardian_id, found.value, child, shown, scopes_of(born, today))
        if granted:
            details = {"by": shown.by, "scopes": sorted(granted)}
            self._record(session, Event.GUARDIANSHIP_GRANTED, guardian_id, found.value, details, origin)
            self._tell(session, "guardianship_granted", child.name, [guardian_id])
            self._tell(session, "guardianship_of_other", child.name, sorted(others - {guardian_id}))
            self._tell(session, "guardianship_of_you", child.name, [found.value])
        return found

    def end(self, session: Session, guardian_id: str, minor_id: str, *, reason: str, origin: Origin) -> bool:
        """End what this guardian may do for this minor; False where there was nothing."""
        now = self._clock.now()
        lock_person(session, guardian_id)
        if not mandates.revoke(session, guardian_id, minor_id, at=now):
            return False
        # For good: another mandate for the same child must not bring these back.
        families.revoke_acting(session, guardian_id, minor_id, reason="mandate_ended", at=now)
        self._record(session, Event.GUARDIANSHIP_ENDED, guardian_id, minor_id, {"reason": reason}, origin)
        name = self._directory.profile(session, minor_id).full_name or ""
        others = [each.guardian_id for each in mandates.of_minor(session, minor_id, at=now)]
        self._tell(session, "guardianship_ended", name, [guardian_id, *sorted(set(others)), minor_id])
        return True

    def _person_of(self, session: Session, child: Child, shown: Shown, born: date, origin: Origin) -> Ok[str] | Refused:
        """Return the child's person, proved now; made where there was none and the child is too young to make it."""
        (child_id,) = self._holders.current(session, [child.number])
        is_young = needs_guardian(born, civil_date(self._clock.now()))
        if child_id is None:
            if self._holders.is_disputed(session, child.number):
                return Refused(GuardianshipProblem.DISPUTED)
            if not is_young:
                return Refused(GuardianshipProblem.OWN_ACCOUNT)
            child_id = self._registration.register(session, NewPerson(child.name, child.number), origin=origin)
        lock_person(session, child_id)
        person = self._directory.load(session, child_id)
        if person is None or person.status is not PersonStatus.ACTIVE:
            return Refused(GuardianshipProblem.MINOR_NOT_ACTIVE)
        if is_young and identity_level(session, child_id, self._clock.now()) < LEAST_IAL:
            evidence = self._evidence(child, shown, born)
            # No login presents anything, so nothing that is in the account is made to count by this.
            recorded = self._proved.carry_out(
                session, child_id, evidence, presented=(), keep=None, locale=self._default_locale, origin=origin
            )
            if recorded is None or recorded.contest in (Contest.DISPUTED, Contest.STANDS_BACK):
                raise _Contested
        return Ok(child_id)

    def _evidence(self, child: Child, shown: Shown, born: date) -> Evidence:
        now = self._clock.now()
        return Evidence(
            handle=new_id(),
            method=Method.GUARDIAN,
            provider=shown.provider,
            code=shown.code,
            request_id=shown.request_id,
            number=child.number,
            name=child.name,
            mobile=None,
            proved_at=now,
            # A guardian speaks for the child until the child does.
            valid_until=min(now + self._valid, start_of(birthday(born, AGE_OF_OWN_CONSENT))),
            keep_until=now + _KEEP,
            actor_person=shown.actor_person,
            office=shown.office,
        )

    def _grant_scopes(
        self,
        session: Session,
        guardian_id: str,
        minor_id: str,
        child: Child,
        shown: Shown,
        ends: Mapping[MandateScope, date],
    ) -> list[MandateScope]:
        now, digest = self._clock.now(), shown.evidence_digest or self._digest(guardian_id, child, shown)
        return [
            scope
            for scope, end in ends.items()
            if mandates.grant(
                session, guardian_id, minor_id, scope, evidence_digest=digest, at=now, valid_to=start_of(end)
            )
        ]

    def _digest(self, guardian_id: str, child: Child, shown: Shown) -> str:
        told = [guardian_id, child.number.type, child.number.canonical, child.name]
        told += [shown.by, shown.provider, shown.code, shown.request_id]
        return keyed_digest(self._keyring, "guardianship evidence", json.dumps(told, ensure_ascii=False))

    def _record(
        self,
        session: Session,
        event: Event,
        guardian_id: str,
        minor_id: str,
        details: Mapping[str, object],
        origin: Origin,
    ) -> None:
        """Leave a row with each of the two, so that both see it among what happened."""
        now: datetime = self._clock.now()
        for person_id, kind, other_id in (
            (guardian_id, "guardian", minor_id),
            (minor_id, "minor", guardian_id),
        ):
            told = {**details, "kind": kind, "other": other_id}
            record(session, event, at=now, person_id=person_id, origin=origin, details=told)

    def _tell(self, session: Session, template: str, name: str, person_ids: Iterable[str]) -> None:
        parameters = {"time": civil_time(self._clock.now()), "name": mask_name(name)}
        for person_id in person_ids:
            person = self._directory.load(session, person_id)
            locale = (person.locale if person else None) or self._default_locale
            self._messages.notify(session, person_id, template, parameters, locale=locale)
