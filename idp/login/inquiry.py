"""A question to the source about number, name and mobile of who is logged in."""

from dataclasses import dataclass, field
from datetime import timedelta

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.login.raising import Raising, evidence_of
from idp.sessions.service import LiveSession
from realname.proofing.evidence import Recorded
from realname.proofing.method import Method
from realname.providers.answer import Outcome
from realname.providers.guarded import GuardedVerifier
from realname.providers.question import Check, Question


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, under a random name by which the answer counts once, and what the login presented."""

    attempt: str = field(repr=False)
    question: Question
    presented: tuple[str, ...]


class Inquiry:
    """Asks the source, and raises the person by its answer."""

    def __init__(self, *, verifier: GuardedVerifier, raising: Raising, clock: Clock, valid_days: int) -> None:
        self._verifier = verifier
        self._raising = raising
        self._clock = clock
        self._valid = timedelta(days=valid_days)

    def can_ask(self, check: Check) -> bool:
        """Tell whether the source can be asked this."""
        return check in self._verifier.checks

    def settle(self, live: LiveSession, asked: Asked, *, locale: str, origin: Origin) -> Recorded:
        """1 count the try, 2 ask, outside any transaction, 3 record; raises LoginRefused or PageError."""
        self._raising.count(live, origin)
        question = asked.question
        answer = self._verifier.verify(question)
        if question.mobile is not None and answer.outcome in (Outcome.MISMATCH, Outcome.NO_RECORD):
            # Many have a mobile in a relative's name: that says nothing about number and name, so these alone.
            question = Question(question.number, question.name)
            answer = self._verifier.verify(question)
        method = Method.NAME if question.mobile is None else Method.MOBILE
        if answer.outcome is not Outcome.MATCH:
            raise self._raising.refuse(live, method, answer, origin)
        evidence = evidence_of(asked.attempt, method, question, answer, at=self._clock.now(), valid=self._valid)
        return self._raising.record(live, evidence, presented=asked.presented, locale=locale, origin=origin)
