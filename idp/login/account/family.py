"""The children for whom somebody acts: seen, added where the register knows of it, and given up.

A guardian types the child's name and number. Whether a number exists, bears that name, or is somebody else's child is
answered in the same way, so that nobody learns here who has children, or whose a child is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.errors import IdpError, LoginRefused
from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring
from idp.login.guardianships import Child, GuardianshipProblem, Guardianships, Shown
from idp.login.refusal import FieldRefusal, Refusal
from idp.persons import mandates
from idp.persons.directory import Directory
from idp.persons.mandates import Guardianship
from idp.persons.tries import OTHER_DEVICE, Purpose, Tries, TryAllowed, subject_of_person
from idp.persons.vocabulary import MandateScope
from idp.sessions.service import LiveSession, Sessions
from idp.storage.engine import Database
from realname.documents.document_number import DocumentNumber
from realname.documents.masking import mask_name
from realname.documents.names import clean_name
from realname.documents.parse import parse_number
from realname.proofing.guardianship import GuardianProblem, ProvenBy, is_minor, problem_of
from realname.providers import answer as answers
from realname.providers.answer import Answer
from realname.providers.guarded import GuardedVerifier
from realname.providers.question import Question
from realname.providers.register.verifier import RegisterVerifier

_log = structlog.get_logger("idp.family")
#: What may be told apart: it depends on the service and on how often one asks, never on whose child it is.
_TOLD = {
    answers.Outcome.LIMITED: Refusal.PROOFING_LIMITED,
    answers.Outcome.UNAVAILABLE: Refusal.PROOFING_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class ActedFor:
    """A child as their guardian sees them, masked; `handle` names the guardianship in this account centre."""

    handle: str
    masked_name: str = field(repr=False)
    masked_number: str = field(repr=False)
    account_until: datetime | None
    guardian_until: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Family:
    """The page: the children, and why none can be added, None where one can; `by_counter` where only there."""

    children: tuple[ActedFor, ...]
    problem: GuardianProblem | None
    by_counter: bool


@dataclass(frozen=True, slots=True)
class TypedChild:
    """What the form held."""

    number: str = field(repr=False)
    name: str = field(repr=False)


class FamilyMembers:
    """Everything that a guardian does in the account centre. `register` is None where another service verifies."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        directory: Directory,
        verifier: GuardedVerifier,
        register: RegisterVerifier | None,
        guardianships: Guardianships,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._directory = directory
        self._verifier = verifier
        self._register = register
        self._guardianships = guardianships
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def of(self, live: LiveSession) -> Family:
        """Return for whom the person acts, and whether this login may add a child."""
        with self._database.read() as session:
            held = mandates.of_guardian(session, live.person_id, at=self._clock.now())
            children = tuple(self._shown(session, minor_id, held) for minor_id in _minors(held))
            problem = self._problem(session, live)
        return Family(children, problem, by_counter=self._register is None)

    def check(self, typed: TypedChild) -> tuple[FieldRefusal, ...]:
        """Return what is wrong with the form, field by field; it depends on nothing but what was typed."""
        refusals, number = [], self._number(typed.number)
        if number is None:
            refusals.append(FieldRefusal("number", Refusal.NUMBER))
        elif not is_minor(number.birth_date, civil_date(self._clock.now())):
            refusals.append(FieldRefusal("number", Refusal.NOT_MINOR))
        if not isinstance(clean_name(typed.name), Ok):
            refusals.append(FieldRefusal("name", Refusal.NAME))
        return tuple(refusals)

    def add(self, live: LiveSession, typed: TypedChild, *, origin: Origin) -> None:
        """1 may they ask, 2 count the try, 3 ask the register, in no transaction, 4 grant; raises LoginRefused."""
        number, name = self._number(typed.number), clean_name(typed.name)
        if self.check(typed) or number is None or not isinstance(name, Ok):
            raise LoginRefused(Refusal.NUMBER, detail="the form was not checked")
        if self._register is None:
            raise LoginRefused(Refusal.GUARDIANSHIP, detail="only at a counter")
        own = self._count(live, origin)
        child = Child(number, name.value)
        answer = self._verifier.verify(Question(number, name.value))
        # Asked whatever the answer was, so that the time does not tell what was wrong.
        is_guardian = self._is_guardian(self._register, number, own)
        if answer.outcome is not answers.Outcome.MATCH or not is_guardian:
            raise self._refuse(live, answer, is_guardian, origin)
        shown = Shown(ProvenBy.REGISTER, answer.provider, answer.code, answer.request_id, live.person_id)
        with self._database.transaction() as session:
            self._guardianships.hold(session, live.person_id)
            if self._sessions.find_by_id(session, live.id) is None:
                raise LoginRefused(Refusal.GUARDIANSHIP, detail="the session ended while the register was asked")
            granted = self._guardianships.grant(session, live.person_id, child, shown, origin=origin)
            if isinstance(granted, Refused):
                self._note_refusal(session, live, str(granted.reason), origin, answer)
                has_own = granted.reason is GuardianshipProblem.OWN_ACCOUNT
                raise LoginRefused(Refusal.MINOR_OWN_ACCOUNT if has_own else Refusal.GUARDIANSHIP)
            self._tries.clear_all(session, self._subject(live))

    def give_up(self, live: LiveSession, handle: str, *, origin: Origin) -> bool:
        """End what the person may do for a child; False where the guardianship is not theirs, or over."""
        with self._database.transaction() as session:
            held = mandates.of_guardian(session, live.person_id, at=self._clock.now())
            minors = [each.minor_id for each in held if each.id == handle]
            return bool(minors) and self._guardianships.end(
                session, live.person_id, minors[0], reason="given_up", origin=origin
            )

    def _count(self, live: LiveSession, origin: Origin) -> DocumentNumber:
        """Count a try for good, and return the person's own number; raises LoginRefused where they may not ask."""
        with self._database.transaction() as session:
            own = self._directory.proved_number(session, live.person_id)
            problem = self._problem(session, live)
            if problem is not None or own is None:
                raise LoginRefused(Refusal.NOT_A_GUARDIAN_YET, detail=str(problem))
            reserved = self._tries.reserve(session, self._subject(live), OTHER_DEVICE, at=self._clock.now())
            if not isinstance(reserved, TryAllowed):
                self._note_refusal(session, live, "too_many_tries", origin, None)
                raise LoginRefused(Refusal.PROOFING_TRIES)
        return own

    def _is_guardian(self, register: RegisterVerifier, number: DocumentNumber, own: DocumentNumber) -> bool:
        try:
            standing = register.standing(number)
        except IdpError as error:
            # What the register did not say is no word for anybody.
            _log.warning("register.unavailable", error=type(error).__name__)
            return False
        return standing is not None and standing.has_guardian(own)

    def _refuse(self, live: LiveSession, answer: Answer, is_guardian: bool, origin: Origin) -> LoginRefused:
        reason = str(answer.outcome)
        if answer.outcome is answers.Outcome.MATCH and not is_guardian:
            reason = "not_the_guardian"
        with self._database.transaction() as session:
            if answer.outcome is answers.Outcome.UNAVAILABLE:
                self._tries.give_back(session, self._subject(live), OTHER_DEVICE)
            self._note_refusal(session, live, reason, origin, answer)
        return LoginRefused(_TOLD.get(answer.outcome, Refusal.GUARDIANSHIP), detail=reason)

    def _note_refusal(
        self, session: Session, live: LiveSession, reason: str, origin: Origin, answer: Answer | None
    ) -> None:
        record(
            session,
            Event.GUARDIANSHIP_REFUSED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=live.person_id,
            session_id=live.id,
            origin=origin,
            details=None if answer is None else {"provider": answer.provider, "code": answer.code},
        )

    def _problem(self, session: Session, live: LiveSession) -> GuardianProblem | None:
        adult = self._guardianships.adult(session, live.person_id, is_vouched=live.is_vouched)
        return problem_of(adult, civil_date(self._clock.now()))

    def _shown(self, session: Session, minor_id: str, held: Sequence[Guardianship]) -> ActedFor:
        of_child = {each.scope: each for each in held if each.minor_id == minor_id}
        profile = self._directory.profile(session, minor_id)
        longest = of_child.get(MandateScope.GUARDIAN) or next(iter(of_child.values()))
        account = of_child.get(MandateScope.ACCOUNT)
        return ActedFor(
            handle=longest.id,
            masked_name=mask_name(profile.full_name or ""),
            masked_number=profile.number_masked or "",
            account_until=account.valid_to if account is not None else None,
            guardian_until=longest.valid_to,
            since=longest.valid_from,
        )

    def _number(self, typed: str) -> DocumentNumber | None:
        parsed = parse_number(typed, today=civil_date(self._clock.now()))
        return parsed.value if isinstance(parsed, Ok) else None

    def _subject(self, live: LiveSession) -> str:
        return subject_of_person(self._keyring, live.person_id, Purpose.GUARDIANSHIP)


def _minors(held: Sequence[Guardianship]) -> list[str]:
    """Return the children, each once, in the order in which they were added."""
    return list(dict.fromkeys(each.minor_id for each in held))
