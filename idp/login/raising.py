"""Raising who is logged in by an answer about them: tries counted, the answer recorded, each once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused, PageError
from idp.crypto.keyring import Keyring
from idp.login.interaction import Interaction, InteractionProblem
from idp.login.proved import ProvedAccounts
from idp.login.refusal import Refusal
from idp.persons import credentials
from idp.persons.directory import Directory
from idp.persons.tries import OTHER_DEVICE, Purpose, Tries, TryAllowed, subject_of_person
from idp.persons.vocabulary import PersonStatus
from idp.sessions.presence import note_presence
from idp.sessions.service import LiveSession, Sessions
from idp.storage.engine import Database
from realname.proofing.contest import Contest
from realname.proofing.evidence import Evidence, Recorded
from realname.proofing.method import Method
from realname.providers import answer as answers
from realname.providers.answer import Answer
from realname.providers.question import Question

_REFUSALS = {
    answers.Outcome.MISMATCH: Refusal.PROOFING_MISMATCH,
    answers.Outcome.NO_RECORD: Refusal.PROOFING_NO_RECORD,
    answers.Outcome.BAD_INPUT: Refusal.PROOFING_BAD_INPUT,
    answers.Outcome.LIMITED: Refusal.PROOFING_LIMITED,
    answers.Outcome.UNAVAILABLE: Refusal.PROOFING_UNAVAILABLE,
    answers.Outcome.RISK: Refusal.PROOFING_RISK,
    answers.Outcome.ABANDONED: Refusal.PROOFING_ABANDONED,
}
#: How long a used handle is kept: longer than any interaction lives.
KEEP = timedelta(days=1)


class Raising:
    """What every online way of proving has in common, whatever is asked of whom."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        directory: Directory,
        proved: ProvedAccounts,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._directory = directory
        self._proved = proved
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def count(self, live: LiveSession, origin: Origin) -> None:
        """Count a try of this person for good, before anybody is asked; raises LoginRefused where none is left."""
        with self._database.transaction() as session:
            reserved = self._tries.reserve(session, self._subject(live), OTHER_DEVICE, at=self._clock.now())
            if not isinstance(reserved, TryAllowed):
                self._note_refusal(session, live, "too_many_tries", origin, None)
                raise LoginRefused(Refusal.PROOFING_TRIES)

    def refuse(
        self, live: LiveSession, method: str, answer: Answer, origin: Origin, *, told_as: Refusal | None = None
    ) -> LoginRefused:
        """Leave a trace of an answer that raises nothing and return how it is told; the person stays as they are.

        `told_as` is for an answer that is right in itself and does not fit the account.
        """
        with self._database.transaction() as session:
            if answer.outcome is answers.Outcome.UNAVAILABLE:
                # Not the person's fault: their try is given back.
                self._tries.give_back(session, self._subject(live), OTHER_DEVICE)
            details = {
                "method": method,
                "provider": answer.provider,
                "provider_request_id": answer.request_id,
                "code": answer.code,
            }
            self._note_refusal(session, live, str(answer.outcome), origin, details)
        return LoginRefused(told_as or _REFUSALS[answer.outcome], detail=answer.code)

    def note_declined(self, live: LiveSession, method: str, origin: Origin) -> None:
        """Leave a trace of evidence that the person says is not about them."""
        with self._database.transaction() as session:
            self._note_refusal(session, live, "declined", origin, {"method": method})

    def note_wrong_code(self, session: Session, live: LiveSession, origin: Origin) -> None:
        """Leave a trace of a code to the mobile that was not right."""
        self._note_refusal(session, live, "wrong_code", origin, None)

    def record(
        self,
        live: LiveSession,
        evidence: Evidence,
        *,
        presented: tuple[str, ...],
        present_until: datetime | None = None,
        locale: str,
        origin: Origin,
    ) -> Recorded:
        """Record evidence about who holds the session; raises LoginRefused or PageError.

        `presented` are the methods of the login in which it was given (RFC 8176); `present_until` is until when the
        session counts as that of somebody who was seen at a counter.
        """
        with self._database.transaction() as session:
            self._hold(session, live)
            recorded = self._proved.carry_out(
                session,
                live.person_id,
                evidence,
                presented=presented,
                keep=live.id,
                locale=locale,
                origin=origin,
            )
            if recorded is None:
                raise PageError(InteractionProblem.EXPIRED, detail="the answer was used before")
            if present_until is not None:
                note_presence(session, live.id, until=present_until)
            self._tries.clear_all(session, self._subject(live))
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

    def _note_refusal(
        self, session: Session, live: LiveSession, reason: str, origin: Origin, details: dict[str, Any] | None
    ) -> None:
        record(
            session,
            Event.PROOFING_REFUSED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=live.person_id,
            session_id=live.id,
            origin=origin,
            details=details,
        )

    def _subject(self, live: LiveSession) -> str:
        return subject_of_person(self._keyring, live.person_id, Purpose.PROOFING)


def evidence_of(
    attempt: str, method: Method, question: Question, answer: Answer, *, at: datetime, valid: timedelta
) -> Evidence:
    """Return the evidence that a service's answer is; it counts once, by `attempt`, and for so long."""
    return Evidence(
        handle=attempt,
        method=method,
        provider=answer.provider,
        code=answer.code,
        request_id=answer.request_id,
        number=question.number,
        name=question.name,
        mobile=question.mobile,
        proved_at=at,
        valid_until=at + valid,
        keep_until=at + KEEP,
    )


def holder_of(interaction: Interaction, live: LiveSession) -> str:
    """Return who logged in within this very interaction and holds its session; raises PageError for anybody else.

    An open session proves too little: it may be somebody else who sits before it now.
    """
    progress = interaction.progress
    if live.is_staff or progress.session_id != live.id or progress.person_id != live.person_id:
        raise PageError(InteractionProblem.EXPIRED, detail="nobody logged in here")
    return live.person_id
