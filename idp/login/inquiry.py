"""A question to the source about who is logged in: counted, asked, recorded, each once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused, PageError
from idp.crypto.keyring import Keyring
from idp.login.interaction import InteractionProblem
from idp.login.proved import ProvedAccounts
from idp.login.refusal import Refusal
from idp.persons import credentials
from idp.persons.directory import Directory
from idp.persons.tries import OTHER_DEVICE, Purpose, Tries, TryAllowed, subject_of_person
from idp.persons.vocabulary import PersonStatus
from idp.sessions.service import LiveSession, Sessions
from idp.storage.engine import Database
from realname.proofing.contest import Contest
from realname.proofing.method import Method
from realname.proofing.proofings import Evidence, Recorded
from realname.providers import answer as answers
from realname.providers.answer import Answer
from realname.providers.guarded import GuardedVerifier
from realname.providers.question import Check, Question

_REFUSALS = {
    answers.Outcome.MISMATCH: Refusal.PROOFING_MISMATCH,
    answers.Outcome.NO_RECORD: Refusal.PROOFING_NO_RECORD,
    answers.Outcome.BAD_INPUT: Refusal.PROOFING_BAD_INPUT,
    answers.Outcome.LIMITED: Refusal.PROOFING_LIMITED,
    answers.Outcome.UNAVAILABLE: Refusal.PROOFING_UNAVAILABLE,
    answers.Outcome.RISK: Refusal.PROOFING_RISK,
}
_KEEP = timedelta(days=1)  # longer than any interaction lives


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, under a random name by which the answer counts once, and what the login presented."""

    attempt: str = field(repr=False)
    question: Question
    presented: tuple[str, ...]


class Inquiry:
    """Asks the source, and raises the person by its answer."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        directory: Directory,
        verifier: GuardedVerifier,
        proved: ProvedAccounts,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
        valid_days: int,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._directory = directory
        self._verifier = verifier
        self._proved = proved
        self._tries = tries
        self._keyring = keyring
        self._clock = clock
        self._valid = timedelta(days=valid_days)

    def can_ask(self, check: Check) -> bool:
        """Tell whether the source can be asked this."""
        return check in self._verifier.checks

    def settle(self, live: LiveSession, asked: Asked, *, locale: str, origin: Origin) -> Recorded:
        """1 count the try, 2 ask, outside any transaction, 3 record; raises LoginRefused or PageError."""
        self._count(live, origin)
        question = asked.question
        answer = self._verifier.verify(question)
        if question.mobile is not None and answer.outcome in (answers.Outcome.MISMATCH, answers.Outcome.NO_RECORD):
            # Many have a mobile in a relative's name: that says nothing about number and name, so these alone.
            question = Question(question.number, question.name)
            answer = self._verifier.verify(question)
        if answer.outcome is not answers.Outcome.MATCH:
            self._refuse(live, question, answer, origin)
        return self._record(live, asked, question, answer, locale=locale, origin=origin)

    def _record(
        self, live: LiveSession, asked: Asked, question: Question, answer: Answer, *, locale: str, origin: Origin
    ) -> Recorded:
        now = self._clock.now()
        evidence = Evidence(
            handle=asked.attempt,
            method=Method.NAME if question.mobile is None else Method.MOBILE,
            provider=answer.provider,
            code=answer.code,
            request_id=answer.request_id,
            number=question.number,
            name=question.name,
            mobile=question.mobile,
            proved_at=now,
            valid_until=now + self._valid,
            keep_until=now + _KEEP,
        )
        with self._database.transaction() as session:
            self._hold(session, live)
            recorded = self._proved.carry_out(
                session,
                live.person_id,
                evidence,
                presented=asked.presented,
                keep=live.id,
                locale=locale,
                origin=origin,
            )
            if recorded is None:
                raise PageError(InteractionProblem.EXPIRED, detail="the answer was used before")
            self._tries.clear_all(session, self._subject(live.person_id))
        if recorded.contest is Contest.DISPUTED:
            raise LoginRefused(Refusal.PROOFING_DISPUTED)
        if recorded.contest is Contest.STANDS_BACK:
            # That somebody proved more of this number is not for whoever knows it and a name to learn.
            raise LoginRefused(Refusal.PROOFING_RISK, detail="somebody else proved more of the number")
        return recorded

    def _hold(self, session: Session, live: LiveSession) -> None:
        """Hold the person; raises PageError where they, or their session, ended while the service was asked."""
        credentials.lock_person(session, live.person_id)
        person = self._directory.load(session, live.person_id)
        still = self._sessions.find_by_id(session, live.id)
        if person is None or person.status is not PersonStatus.ACTIVE or still is None:
            raise PageError(InteractionProblem.EXPIRED, detail="the session ended while the service was asked")

    def _count(self, live: LiveSession, origin: Origin) -> None:
        """Count a try of this person for good; raises LoginRefused where none is left."""
        with self._database.transaction() as session:
            reserved = self._tries.reserve(session, self._subject(live.person_id), OTHER_DEVICE, at=self._clock.now())
            if not isinstance(reserved, TryAllowed):
                note_refusal(session, live, "too_many_tries", at=self._clock.now(), origin=origin)
                raise LoginRefused(Refusal.PROOFING_TRIES)

    def _refuse(self, live: LiveSession, question: Question, answer: Answer, origin: Origin) -> None:
        """Leave a trace and say why; the person stays as they are."""
        with self._database.transaction() as session:
            if answer.outcome is answers.Outcome.UNAVAILABLE:
                # Not the person's fault: their try is given back.
                self._tries.give_back(session, self._subject(live.person_id), OTHER_DEVICE)
            details = {
                "check": question.check,
                "provider": answer.provider,
                "provider_request_id": answer.request_id,
                "code": answer.code,
            }
            note_refusal(session, live, str(answer.outcome), at=self._clock.now(), origin=origin, details=details)
            raise LoginRefused(_REFUSALS[answer.outcome], detail=answer.code)

    def _subject(self, person_id: str) -> str:
        return subject_of_person(self._keyring, person_id, Purpose.PROOFING)


def note_refusal(
    session: Session,
    live: LiveSession,
    reason: str,
    *,
    at: datetime,
    origin: Origin,
    details: dict[str, Any] | None = None,
) -> None:
    """Leave the trace of a proofing that raised nothing."""
    record(
        session,
        Event.PROOFING_REFUSED,
        at=at,
        outcome=Outcome.REFUSED,
        reason=reason,
        person_id=live.person_id,
        session_id=live.id,
        origin=origin,
        details=details,
    )
