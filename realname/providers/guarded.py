"""The guard before a verification service: what it knows, how often it is asked, and when it is left alone."""

from dataclasses import dataclass

from idp.core.clock import Clock, civil_date
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.document_number import DocumentType
from realname.providers.answer import Answer, Outcome
from realname.providers.breaker import Breaker
from realname.providers.question import Check, Question
from realname.providers.verifier import Verifier

_MINUTE, _DAY = 60, 86_400


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """How often may be asked: about one number a day whoever asks, and of the service a minute and a day."""

    per_number_per_day: int
    per_minute: int
    per_day: int


class GuardedVerifier:
    """Asks a service within its limits; every reason not to ask is an answer too.

    How often one person may try is counted in SQL by whoever asks for them: a lost counter there would let
    somebody guess. These here protect others' numbers, the service and the budget.
    """

    def __init__(
        self,
        *,
        verifier: Verifier,
        limits: QuestionLimits,
        breaker: Breaker,
        store: ShortLivedStore,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._verifier = verifier
        self._limits = limits
        self._breaker = breaker
        self._store = store
        self._keyring = keyring
        self._clock = clock

    @property
    def name(self) -> str:
        """What evidence and configuration call the service."""
        return self._verifier.name

    @property
    def checks(self) -> frozenset[Check]:
        """What it can be asked."""
        return self._verifier.checks

    @property
    def documents(self) -> frozenset[DocumentType]:
        """The kinds of documents that it knows."""
        return self._verifier.documents

    def verify(self, question: Question) -> Answer:
        """1 is it a question for this service, 2 may it be asked again, 3 is the service well, 4 ask."""
        if question.check not in self.checks or question.number.type not in self.documents:
            # The source says nothing about such a document; that is no word against the person.
            return self._instead(Outcome.NO_RECORD, "local.document")
        if limit := self._limit_reached(question):
            return self._instead(Outcome.LIMITED, limit)
        if not self._breaker.lets_through():
            return self._instead(Outcome.UNAVAILABLE, "local.breaker")
        answer = self._verifier.verify(question)
        if answer.outcome is Outcome.UNAVAILABLE and not answer.was_asked:
            # Nothing reached the service, so nothing is paid or counted twice there.
            answer = self._verifier.verify(question)
        self._breaker.note(has_answered=answer.outcome is not Outcome.UNAVAILABLE)
        return answer

    def _limit_reached(self, question: Question) -> str | None:
        """Count the question and return the limit that it is over; one that is refused costs no budget."""
        name = self._verifier.name
        about = keyed_digest(self._keyring, "number limit", f"{question.number.type} {question.number.canonical}")
        # Over all services: a second one must not double what may be tried about a person.
        if self._count(f"realname number {about}", _DAY) > self._limits.per_number_per_day:
            return "local.number_limit"
        if self._count(f"realname minute {name}", _MINUTE) > self._limits.per_minute:
            return "local.rate_limit"
        # The budget is that of a civil day, as it is paid for.
        day = civil_date(self._clock.now()).isoformat()
        if self._count(f"realname budget {name} {day}", _DAY) > self._limits.per_day:
            return "local.budget"
        return None

    def _count(self, handle: str, window_seconds: int) -> int:
        return self._store.increment(Kind.LIMIT, handle, seconds=window_seconds)

    def _instead(self, outcome: Outcome, code: str) -> Answer:
        return Answer(outcome, self._verifier.name, code, was_asked=False)
