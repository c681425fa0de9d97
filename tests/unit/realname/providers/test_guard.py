"""The guard before a service: quotas, budget, circuit breaker, and the one retry that is safe."""

from collections.abc import Callable
from datetime import date

import pytest

from idp.core.clock import civil_date
from idp.core.results import Ok
from idp.house.build import House
from realname.documents.document_number import DocumentType
from realname.documents.parse import parse_number
from realname.providers.answer import Answer, Outcome
from realname.providers.breaker import Breaker
from realname.providers.guarded import GuardedCardVerifier, GuardedNetworkIdentity, GuardedVerifier
from realname.providers.question import Check, Question
from realname.providers.quota import QuestionLimits, Quota
from realname.providers.verifier import NetworkIdentityResult, Start
from tests.support.frozen_clock import FrozenClock

ONE, OTHER = "11010519491231002X", "440308199901101512"


class Service:
    """A service that gives prepared answers, the last one for ever."""

    name = "scripted"
    checks = frozenset({Check.NAME})
    documents = frozenset({DocumentType.RESIDENT_ID})

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked = 0

    def verify(self, question: Question) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def verify_card(self, question: Question, *, valid_from: date, valid_until: date | None) -> Answer:
        return self.verify(question)


def answer(outcome: Outcome, *, was_asked: bool = True) -> Answer:
    return Answer(outcome, "scripted", "code", was_asked=was_asked)


MATCH, GONE = answer(Outcome.MATCH), answer(Outcome.UNAVAILABLE)
UNREACHED = answer(Outcome.UNAVAILABLE, was_asked=False)


@pytest.fixture
def guarded(house: House, clock: FrozenClock) -> Callable[..., GuardedVerifier]:
    def make(service: Service, *, number: int = 100, minute: int = 100, day: int = 100) -> GuardedVerifier:
        limits = QuestionLimits(per_number_per_day=number, per_minute=minute, per_day=day)
        quota = Quota(limits=limits, store=house.ground.store, keyring=house.ground.keyring, clock=clock)
        return GuardedVerifier(
            verifier=service, quota=quota, breaker=Breaker(failures=2, pause_seconds=30, clock=clock)
        )

    return make


def question(number: str = ONE, mobile: str | None = None) -> Question:
    parsed = parse_number(number, today=civil_date(FrozenClock().now()))
    assert isinstance(parsed, Ok)
    return Question(parsed.value, "张小明", mobile)


def test_a_number_is_asked_about_so_often_whoever_asks(guarded: Callable[..., GuardedVerifier]) -> None:
    """Over every guard of the house: a second service does not double what may be tried. Other numbers go on."""
    service = Service(MATCH)
    first, second = guarded(service, number=2), guarded(service, number=2)
    assert [first.verify(question()).outcome, second.verify(question()).outcome] == [Outcome.MATCH] * 2
    refused = second.verify(question())
    assert (refused.outcome, refused.code) == (Outcome.LIMITED, "local.number_limit")
    assert second.verify(question(OTHER)).outcome is Outcome.MATCH and service.asked == 3


@pytest.mark.parametrize(("limit", "code"), [("minute", "local.rate_limit"), ("day", "local.budget")])
def test_a_service_is_asked_so_often(guarded: Callable[..., GuardedVerifier], limit: str, code: str) -> None:
    """A minute and a day; what is not asked is not paid for."""
    service = Service(MATCH)
    guard = guarded(service, **{limit: 1})
    assert guard.verify(question()).outcome is Outcome.MATCH
    refused = guard.verify(question(OTHER))
    assert (refused.outcome, refused.code, refused.was_asked) == (Outcome.LIMITED, code, False)
    assert service.asked == 1


def test_the_budget_is_that_of_a_civil_day(guarded: Callable[..., GuardedVerifier], clock: FrozenClock) -> None:
    guard = guarded(Service(MATCH), day=1)
    assert guard.verify(question()).outcome is Outcome.MATCH
    assert guard.verify(question()).outcome is Outcome.LIMITED
    clock.advance(hours=24)
    assert guard.verify(question()).outcome is Outcome.MATCH


def test_a_service_that_fails_is_left_alone_and_tried_again(
    guarded: Callable[..., GuardedVerifier], clock: FrozenClock
) -> None:
    """After two failures nobody asks; after the pause one does, and if that fails the pause begins anew."""
    service = Service(GONE)
    guard = guarded(service)
    codes = [guard.verify(question()).code for _ in range(4)]
    assert codes == ["code", "code", "local.breaker", "local.breaker"] and service.asked == 2
    clock.advance(seconds=31)
    assert [guard.verify(question()).code for _ in range(2)] == ["code", "local.breaker"]
    clock.advance(seconds=31)
    service.answers = [MATCH]
    assert [guard.verify(question()).outcome for _ in range(3)] == [Outcome.MATCH] * 3


def test_only_what_reached_nobody_is_asked_twice(guarded: Callable[..., GuardedVerifier]) -> None:
    """An answer that was lost may have been paid for; a connection that was refused was not."""
    lost = Service(GONE, MATCH)
    assert guarded(lost).verify(question()).outcome is Outcome.UNAVAILABLE and lost.asked == 1
    refused = Service(UNREACHED, MATCH)
    assert guarded(refused).verify(question()).outcome is Outcome.MATCH and refused.asked == 2


def test_what_a_service_does_not_know_it_is_not_asked(guarded: Callable[..., GuardedVerifier]) -> None:
    """Another document, or another check: no word about the person, and nothing counted."""
    service = Service(MATCH)
    guard = guarded(service, number=1)
    for strange in (question("932682198501010017"), question(mobile="+8613800138000")):
        found = guard.verify(strange)
        assert (found.outcome, found.code) == (Outcome.NO_RECORD, "local.document")
    assert service.asked == 0 and guard.verify(question()).outcome is Outcome.MATCH


def test_a_mismatch_is_an_answer(guarded: Callable[..., GuardedVerifier]) -> None:
    """Wrong names keep no service from others."""
    service = Service(answer(Outcome.MISMATCH))
    guard = guarded(service)
    assert {guard.verify(question()).outcome for _ in range(5)} == {Outcome.MISMATCH} and service.asked == 5


class Gateway:
    """A way to the national service that begins, or does not."""

    name = "network_identity"

    def __init__(self, begun: Start | Answer) -> None:
        self.begun = begun
        self.asked = 0

    def begin(self, *, order: str, return_url: str, with_number: bool) -> Start | Answer:
        self.asked += 1
        return self.begun

    def fetch(self, token: str, *, order: str, with_number: bool) -> NetworkIdentityResult:
        return NetworkIdentityResult(MATCH)


STARTED = Start("token", "https://gateway.example/page")


@pytest.fixture
def guarded_gateway(house: House, clock: FrozenClock) -> Callable[..., GuardedNetworkIdentity]:
    def make(gateway: Gateway, *, minute: int = 100, day: int = 100) -> GuardedNetworkIdentity:
        limits = QuestionLimits(per_number_per_day=1, per_minute=minute, per_day=day)
        quota = Quota(limits=limits, store=house.ground.store, keyring=house.ground.keyring, clock=clock)
        breaker = Breaker(failures=2, pause_seconds=30, clock=clock)
        return GuardedNetworkIdentity(verifier=gateway, quota=quota, breaker=breaker)

    return make


def begin(guarded: GuardedNetworkIdentity) -> Start | Answer:
    return guarded.begin(order="order", return_url="https://id.example/back", with_number=False)


@pytest.mark.parametrize(("limit", "code"), [("minute", "local.rate_limit"), ("day", "local.budget")])
def test_the_gateway_is_asked_so_often(
    guarded_gateway: Callable[..., GuardedNetworkIdentity], limit: str, code: str
) -> None:
    """Nobody's number is counted: none is known when it begins."""
    gateway = Gateway(STARTED)
    guarded = guarded_gateway(gateway, **{limit: 2})
    assert [begin(guarded), begin(guarded)] == [STARTED, STARTED]
    refused = begin(guarded)
    assert isinstance(refused, Answer) and (refused.outcome, refused.code) == (Outcome.LIMITED, code)
    assert gateway.asked == 2 and guarded.fetch("t", order="o", with_number=False).answer == MATCH


def test_a_gateway_that_fails_is_left_alone_for_a_while(
    guarded_gateway: Callable[..., GuardedNetworkIdentity], clock: FrozenClock
) -> None:
    """And never begun twice by itself: the first beginning may be there."""
    gateway = Gateway(GONE)
    guarded = guarded_gateway(gateway)
    assert [begin(guarded), begin(guarded)] == [GONE, GONE] and gateway.asked == 2
    refused = begin(guarded)
    assert isinstance(refused, Answer) and refused.code == "local.breaker" and gateway.asked == 2
    clock.advance(seconds=31)
    gateway.begun = STARTED
    assert begin(guarded) == STARTED


def test_a_card_is_asked_about_within_the_same_limits(
    house: House, clock: FrozenClock, guarded: Callable[..., GuardedVerifier]
) -> None:
    """Counted with all other questions; a failing service is left alone, and one that does not know its kind."""

    def guard_of(service: Service, *, per_number: int = 100) -> GuardedCardVerifier:
        limits = QuestionLimits(per_number_per_day=per_number, per_minute=100, per_day=100)
        quota = Quota(limits=limits, store=house.ground.store, keyring=house.ground.keyring, clock=clock)
        breaker = Breaker(failures=2, pause_seconds=30, clock=clock)
        return GuardedCardVerifier(verifier=service, quota=quota, breaker=breaker)

    def ask(guard: GuardedCardVerifier, number: str = ONE) -> str:
        answer = guard.verify_card(question(number), valid_from=date(2020, 1, 1), valid_until=None)
        return f"{answer.outcome} {answer.code}"

    well, failing = Service(MATCH), Service(GONE)
    limited = guard_of(well, per_number=2)
    guarded(Service(MATCH)).verify(question())
    assert [ask(limited), ask(limited)] == ["match code", "limited local.number_limit"]
    assert ask(limited, "H12345678") == "no_record local.document"
    assert well.asked == 1
    broken = guard_of(failing)
    assert [ask(broken, OTHER) for _ in range(3)] == ["unavailable code"] * 2 + ["unavailable local.breaker"]
    assert failing.asked == 2
    again = Service(UNREACHED, MATCH)
    assert (ask(guard_of(again), OTHER), again.asked) == ("match code", 2)
