"""The guard before a verification service: what it knows, how often it is asked, and when it is left alone."""

from collections.abc import Callable
from datetime import date

from realname.documents.document_number import DocumentNumber, DocumentType
from realname.providers.answer import Answer, Outcome
from realname.providers.breaker import Breaker
from realname.providers.question import Check, Question
from realname.providers.quota import Quota
from realname.providers.verifier import (
    CardVerifier,
    FaceResult,
    FaceVerifier,
    NetworkIdentityResult,
    NetworkIdentityVerifier,
    Start,
    Verifier,
)


class GuardedVerifier:
    """Asks a service within its limits; every reason not to ask is an answer too."""

    def __init__(self, *, verifier: Verifier, quota: Quota, breaker: Breaker) -> None:
        self._verifier = verifier
        self._quota = quota
        self._breaker = breaker

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
            return _instead(self.name, Outcome.NO_RECORD, "local.document")
        held_back = _held_back(self.name, question.number, self._quota, self._breaker)
        return held_back or _asked(lambda: self._verifier.verify(question), self._breaker)


class GuardedCardVerifier:
    """The same for a service that is asked about the dates on a card."""

    def __init__(self, *, verifier: CardVerifier, quota: Quota, breaker: Breaker) -> None:
        self._verifier = verifier
        self._quota = quota
        self._breaker = breaker

    @property
    def name(self) -> str:
        """What evidence and configuration call the service."""
        return self._verifier.name

    @property
    def documents(self) -> frozenset[DocumentType]:
        """The kinds of documents that it knows."""
        return self._verifier.documents

    def verify_card(self, question: Question, *, valid_from: date, valid_until: date | None) -> Answer:
        """See CardVerifier.verify_card."""
        if question.number.type not in self.documents:
            return _instead(self.name, Outcome.NO_RECORD, "local.document")
        held_back = _held_back(self.name, question.number, self._quota, self._breaker)
        return held_back or _asked(
            lambda: self._verifier.verify_card(question, valid_from=valid_from, valid_until=valid_until), self._breaker
        )


class GuardedFaceVerifier:
    """The same for a service that compares faces; beginnings are counted, results are not."""

    def __init__(self, *, verifier: FaceVerifier, quota: Quota, breaker: Breaker) -> None:
        self._verifier = verifier
        self._quota = quota
        self._breaker = breaker

    @property
    def name(self) -> str:
        """What evidence and configuration call the service."""
        return self._verifier.name

    def takes_device(self, device: str) -> bool:
        """See FaceVerifier.takes_device."""
        return self._verifier.takes_device(device)

    def begin(self, question: Question, *, order: str, return_url: str, device: str = "") -> Start | Answer:
        """Begin a comparison, or say why not."""
        if question.number.type not in self._verifier.documents:
            return _instead(self.name, Outcome.NO_RECORD, "local.document")
        if held_back := _held_back(self.name, question.number, self._quota, self._breaker):
            return held_back
        # Never begun twice: the first beginning may be there, and is paid for.
        begun = self._verifier.begin(question, order=order, return_url=return_url, device=device)
        self._breaker.note(has_answered=isinstance(begun, Start) or begun.outcome is not Outcome.UNAVAILABLE)
        return begun

    def fetch(self, token: str) -> FaceResult:
        """Ask for the result; asking again is safe, and the person does it."""
        return self._verifier.fetch(token)


class GuardedNetworkIdentity:
    """The same for the national network identity service, which is asked about nobody: it says who came."""

    def __init__(self, *, verifier: NetworkIdentityVerifier, quota: Quota, breaker: Breaker) -> None:
        self._verifier = verifier
        self._quota = quota
        self._breaker = breaker

    @property
    def name(self) -> str:
        """What evidence and configuration call the way."""
        return self._verifier.name

    def begin(self, *, order: str, return_url: str, with_number: bool) -> Start | Answer:
        """Begin, or say why not."""
        if held_back := _held_back(self.name, None, self._quota, self._breaker):
            return held_back
        begun = self._verifier.begin(order=order, return_url=return_url, with_number=with_number)
        self._breaker.note(has_answered=isinstance(begun, Start) or begun.outcome is not Outcome.UNAVAILABLE)
        return begun

    def fetch(self, token: str, *, order: str, with_number: bool) -> NetworkIdentityResult:
        """Ask for the result; asking again is safe, and the person does it."""
        return self._verifier.fetch(token, order=order, with_number=with_number)


def _held_back(name: str, number: DocumentNumber | None, quota: Quota, breaker: Breaker) -> Answer | None:
    """Count a question, and return what stands in for its answer where it may not be asked now."""
    if limit := quota.limit_reached(name, number):
        return _instead(name, Outcome.LIMITED, limit)
    if not breaker.lets_through():
        return _instead(name, Outcome.UNAVAILABLE, "local.breaker")
    return None


def _asked(ask: Callable[[], Answer], breaker: Breaker) -> Answer:
    answer = ask()
    if answer.outcome is Outcome.UNAVAILABLE and not answer.was_asked:
        # Nothing reached the service, so nothing is paid or counted twice there.
        answer = ask()
    breaker.note(has_answered=answer.outcome is not Outcome.UNAVAILABLE)
    return answer


def _instead(name: str, outcome: Outcome, code: str) -> Answer:
    return Answer(outcome, name, code, was_asked=False)
