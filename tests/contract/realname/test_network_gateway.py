"""What the way to the national network identity promises, against the gateway's stand-in over real sockets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from demo.simulators.network_gateway import NetworkGateway
from demo.simulators.verification import VerificationSimulator
from demo.simulators.verification_service import Fault
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.outbound.fetcher import OutboundResponse
from realname.providers import gateway_codes
from realname.providers.answer import Answer, Outcome
from realname.providers.gateway_signature import Direction, is_signed_answer, sign_gateway
from realname.providers.network_identity import NetworkIdentityGateway
from realname.providers.verifier import Mode, NetworkIdentityResult, Start
from tests.contract.realname.conftest import MovableClock
from tests.contract.realname.kinds import SECRET, make_fetcher
from tests.contract.realname.people import AI, PEOPLE, SECRETS, ZHANG

RETURN = "https://id.example/back?came=secret"


@dataclass
class Gateway:
    """The stand-in, and what makes the ways to it."""

    simulator: VerificationSimulator
    service: NetworkGateway
    clock: MovableClock

    def way(
        self,
        *,
        secret: str = SECRET,
        clock: Clock | None = None,
        timeout: float = 5,
        url: str = "",
        mode: Mode = Mode.PASSWORD_AND_FACE,
    ) -> NetworkIdentityGateway:
        return NetworkIdentityGateway(
            endpoint=url or f"{self.simulator.url}/",
            secret=secret,
            mode=mode,
            fetcher=make_fetcher(total_timeout_seconds=timeout),
            clock=clock or self.clock,
        )


@pytest.fixture
def gateway(clock: MovableClock) -> Iterator[Gateway]:
    service = NetworkGateway(secret=SECRET, people=PEOPLE)
    simulator = VerificationSimulator(service, now=lambda: clock.now().timestamp())
    simulator.start()
    yield Gateway(simulator, service, clock)
    simulator.stop()


@dataclass
class Journey:
    """What was begun, under which order."""

    way: NetworkIdentityGateway
    order: str
    start: Start
    with_number: bool

    def fetch(self, **changes: str) -> NetworkIdentityResult:
        order = changes.get("order", self.order)
        return self.way.fetch(self.start.token, order=order, with_number=self.with_number)


def begin(gateway: Gateway, *, with_number: bool = False, mode: Mode = Mode.PASSWORD_AND_FACE) -> Journey:
    way, order = gateway.way(mode=mode), new_id()
    start = way.begin(order=order, return_url=RETURN, with_number=with_number)
    assert isinstance(start, Start)
    return Journey(way, order, start, with_number)


def test_a_pass_names_the_person_by_the_application_id_alone(gateway: Gateway, choose) -> None:
    """The browser comes back to our address as it was given; number and name were not asked for, and do not come."""
    journey = begin(gateway)
    back = choose(journey.start.url, "pass", number=ZHANG.number)
    assert (back.status, back.location) == (303, RETURN)
    result = journey.fetch()
    assert (result.answer.outcome, result.answer.code) == (Outcome.MATCH, "passed.password_and_face")
    assert result.application_id is not None
    assert result.application_id.canonical == gateway.service.application_id_of(ZHANG.number)
    assert (result.number, result.name) == (None, None)


def test_number_and_name_come_where_they_were_asked_for(gateway: Gateway, choose) -> None:
    journey = begin(gateway, with_number=True)
    choose(journey.start.url, "pass", number=AI.number)
    result = journey.fetch()
    assert (result.number, result.name) == (AI.number, AI.name)


def test_what_was_not_asked_for_is_not_taken(gateway: Gateway, choose) -> None:
    """A gateway that tells more than it was asked is not listened to."""
    journey = begin(gateway, with_number=True)
    choose(journey.start.url, "pass", number=AI.number)
    result = journey.way.fetch(journey.start.token, order=journey.order, with_number=False)
    assert result.application_id is not None and (result.number, result.name) == (None, None)


def test_one_person_has_one_application_id(gateway: Gateway, choose) -> None:
    """The same at each visit, another for another person, and nothing of the number in it."""
    found = []
    for person in (ZHANG, ZHANG, AI):
        journey = begin(gateway)
        choose(journey.start.url, "pass", number=person.number)
        found.append(journey.fetch().application_id)
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("choice", "outcome"),
    [
        ("not_alike", Outcome.MISMATCH),
        ("unknown", Outcome.NO_RECORD),
        ("attack", Outcome.RISK),
        ("cancel", Outcome.ABANDONED),
    ],
)
def test_other_ends_are_no_match(gateway: Gateway, choose, choice: str, outcome: Outcome) -> None:
    journey = begin(gateway, with_number=True)
    choose(journey.start.url, choice, number=ZHANG.number)
    result = journey.fetch()
    assert result.answer.outcome is outcome
    assert (result.application_id, result.number, result.name) == (None, None, None)


def test_an_unfinished_one_can_be_asked_about_again_until_it_expires(gateway: Gateway, choose) -> None:
    journey, late = begin(gateway), begin(gateway)
    answer = journey.fetch().answer
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.unfinished")
    choose(journey.start.url, "pass", number=ZHANG.number)
    assert journey.fetch().answer.outcome is Outcome.MATCH
    gateway.clock.move(seconds=601)
    answer = late.fetch().answer
    assert (answer.outcome, answer.code) == (Outcome.ABANDONED, "expired")


@pytest.mark.parametrize(
    ("asked", "shown", "counts"),
    [
        (Mode.FACE, "face", True),
        (Mode.FACE, "password_and_face", True),
        (Mode.PASSWORD, "password_and_face", True),
        (Mode.PASSWORD_AND_FACE, "face", False),
        (Mode.FACE, "password", False),
        (Mode.PASSWORD, "credential", False),
    ],
)
def test_less_than_was_asked_for_is_no_pass(gateway: Gateway, choose, asked: Mode, shown: str, counts: bool) -> None:
    """The bare credential counts nowhere, and a weaker mode than the configured one is a risk."""
    journey = begin(gateway, mode=asked)
    choose(journey.start.url, "pass", number=ZHANG.number)
    gateway.service.mode = shown
    result = journey.fetch()
    assert (result.answer.outcome is Outcome.MATCH, result.application_id is not None) == (counts, counts)
    if not counts:
        assert (result.answer.outcome, result.answer.code) == (Outcome.RISK, "local.mode")


def test_a_result_for_another_order_is_a_risk(gateway: Gateway, choose) -> None:
    """Rightly signed for this very request, and about another: never a match, also at the beginning."""
    journey = begin(gateway)
    choose(journey.start.url, "pass", number=ZHANG.number)
    gateway.simulator.fault = Fault.ANOTHER_PERSON
    result = journey.fetch()
    assert (result.answer.outcome, result.answer.code) == (Outcome.RISK, "local.another_order")
    assert result.application_id is None
    begun = gateway.way().begin(order=new_id(), return_url=RETURN, with_number=False)
    assert isinstance(begun, Answer) and begun.outcome is Outcome.RISK


def test_somebody_elses_token_is_no_way_to_their_result(gateway: Gateway, choose) -> None:
    """The token belongs to the order that it was begun under."""
    theirs, ours = begin(gateway), begin(gateway)
    choose(theirs.start.url, "pass", number=ZHANG.number)
    result = ours.way.fetch(theirs.start.token, order=ours.order, with_number=False)
    assert result.answer.outcome is not Outcome.MATCH and result.application_id is None


def test_an_answer_that_was_given_before_is_not_taken(gateway: Gateway, choose) -> None:
    """Signed over the id of another request of ours."""
    journey = begin(gateway)
    choose(journey.start.url, "pass", number=ZHANG.number)
    assert journey.fetch().answer.outcome is Outcome.MATCH
    gateway.simulator.fault = Fault.REPLAY
    result = journey.fetch()
    assert (result.answer.outcome, result.answer.code) == (Outcome.UNAVAILABLE, "local.signature")


def test_an_answer_of_somebody_else_is_not_taken(gateway: Gateway, choose) -> None:
    """Signed with another secret, whatever it says."""
    journey = begin(gateway)
    choose(journey.start.url, "pass", number=ZHANG.number)
    gateway.service.forged = True
    assert journey.fetch().answer.code == "local.signature"
    begun = gateway.way().begin(order=new_id(), return_url=RETURN, with_number=False)
    assert isinstance(begun, Answer) and begun.code == "local.signature"


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.GARBAGE, Fault.TRUNCATED])
def test_a_lost_answer_is_no_answer(gateway: Gateway, choose, fault: Fault) -> None:
    """Nonsense begins nothing and passes nobody; afterwards the same token has its result."""
    journey = begin(gateway)
    choose(journey.start.url, "pass", number=ZHANG.number)
    gateway.simulator.fault = fault
    begun = gateway.way().begin(order=new_id(), return_url=RETURN, with_number=False)
    for answer in (begun, journey.fetch().answer):
        assert isinstance(answer, Answer)
        assert answer.outcome is Outcome.UNAVAILABLE and answer.code.startswith("local.")
    gateway.simulator.fault = Fault.NONE
    assert journey.fetch().answer.outcome is Outcome.MATCH


def test_a_late_answer_and_a_refused_connection_are_no_answer(gateway: Gateway, unused_url: str) -> None:
    """Neither begins anything, and the gateway was asked once."""
    gateway.simulator.fault = Fault.HANG
    late = gateway.way(timeout=0.3).begin(order=new_id(), return_url=RETURN, with_number=False)
    refused = gateway.way(url=unused_url).begin(order=new_id(), return_url=RETURN, with_number=False)
    assert [each.code for each in (late, refused) if isinstance(each, Answer)] == ["local.timeout", "local.unreachable"]
    assert [each.was_asked for each in (late, refused) if isinstance(each, Answer)] == [True, False]
    assert gateway.simulator.wait_for_requests(1) and len(gateway.simulator.ledger) == 1


@pytest.mark.parametrize(("minutes", "begins"), [(0, True), (4, True), (6, False), (-6, False)])
def test_a_wrong_secret_or_clock_is_refused_by_the_gateway(gateway: Gateway, minutes: int, begins: bool) -> None:
    clock = MovableClock()
    clock.move(minutes=minutes)
    begun = gateway.way(clock=clock).begin(order=new_id(), return_url=RETURN, with_number=False)
    assert isinstance(begun, Start) == begins
    wrong = gateway.way(secret="another").begin(order=new_id(), return_url=RETURN, with_number=False)
    assert isinstance(wrong, Answer) and wrong.code == "local.http.401"


def test_a_request_counts_once_at_the_gateway(gateway: Gateway) -> None:
    """Who records one on the way and sends it again begins nothing by it."""
    begin(gateway)
    recorded = gateway.simulator.ledger[0].asked
    assert gateway.service.judge(recorded).status == 401
    assert begin(gateway).start.url


@pytest.mark.parametrize("code", ["limited", "unavailable", "never heard of", "passed", "11010519491231002X"])
def test_only_begun_begins(gateway: Gateway, code: str) -> None:
    """A refusal is told by its table; what the table lacks, or could be somebody's number, is no answer."""
    gateway.simulator.force(code)
    begun = gateway.way().begin(order=new_id(), return_url=RETURN, with_number=False)
    assert isinstance(begun, Answer)
    assert begun.outcome is (Outcome.LIMITED if code == "limited" else Outcome.UNAVAILABLE)
    assert "1101" not in begun.code


def test_every_code_has_one_meaning_and_only_passed_is_a_match() -> None:
    """The table of docs/operations.md, the gateway."""
    assert {code: meaning.outcome for code, meaning in gateway_codes.RESULT_CODES.items()} == {
        "passed": Outcome.MATCH,
        "failed": Outcome.MISMATCH,
        "unknown": Outcome.NO_RECORD,
        "cancelled": Outcome.ABANDONED,
        "expired": Outcome.ABANDONED,
        "attack": Outcome.RISK,
        "limited": Outcome.LIMITED,
        "unavailable": Outcome.UNAVAILABLE,
    }
    assert all(meaning.outcome is not Outcome.MATCH for meaning in gateway_codes.BEGIN_CODES.values())


class SigningFetcher:
    """Answers with what it is given, rightly signed and about the order that was asked for."""

    def __init__(self, **fields: object) -> None:
        self.fields = fields

    def post(self, url: str, *, body: bytes, content_type: str, headers: dict[str, str]) -> OutboundResponse:
        content = json.dumps({"order": json.loads(body)["order"], **self.fields}).encode()
        stamp = headers["Yihao-Timestamp"]
        signature = sign_gateway(
            secret=SECRET,
            direction=Direction.ANSWER,
            action=url.rpartition("/")[2],
            timestamp=stamp,
            request_id=headers["Yihao-Request-Id"],
            body=content,
        )
        fields = {"yihao-timestamp": stamp, "yihao-signature": signature}
        return OutboundResponse(status=200, headers=fields, body=content)


def scripted(**fields: object) -> NetworkIdentityGateway:
    return NetworkIdentityGateway(
        endpoint="https://gateway.example",
        secret=SECRET,
        mode=Mode.FACE,
        fetcher=SigningFetcher(**fields),  # type: ignore[arg-type]
        clock=MovableClock(),
    )


@pytest.mark.parametrize(
    "application_id",
    [None, "", "short", 12345678901234567890, "a" * 129, "with space in it 0", "é" * 20, ZHANG.number, ["a" * 20]],
)
def test_what_is_no_application_id_names_nobody(application_id: object) -> None:
    """A number in its place above all: it would become a name of the person by which others find them."""
    way = scripted(code="passed", mode="face", application_id=application_id)
    result = way.fetch("token", order="order", with_number=True)
    assert (result.answer.outcome, result.application_id) == (Outcome.UNAVAILABLE, None)


@pytest.mark.parametrize("told", [{"number": ZHANG.number}, {"name": ZHANG.name}, {"number": 1, "name": []}])
def test_number_and_name_come_together_or_not_at_all(told: dict[str, object]) -> None:
    way = scripted(code="passed", mode="face", application_id="a" * 40, **told)
    result = way.fetch("token", order="order", with_number=True)
    assert result.answer.outcome is Outcome.MATCH and (result.number, result.name) == (None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "http://plain.example/page"},
        {"url": "javascript:alert(1)"},
        {"url": None},
        {"token": ""},
        {"token": "with space"},
        {"life_seconds": 0},
        {"life_seconds": 3601},
        {"life_seconds": "600"},
        {"life_seconds": True},
    ],
)
def test_a_beginning_that_leads_nowhere_fit_is_none(changed: dict[str, object]) -> None:
    """The browser goes to protected addresses only, for an hour at most."""
    whole = {"code": "begun", "token": "t", "url": "https://page.example/x", "life_seconds": 600}
    assert isinstance(scripted(**whole).begin(order="o", return_url=RETURN, with_number=False), Start)
    begun = scripted(**{**whole, **changed}).begin(order="o", return_url=RETURN, with_number=False)
    assert isinstance(begun, Answer) and begun.outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "begin"},
        {"request_id": "another"},
        {"timestamp": "1772310601"},
        {"timestamp": "１７７２３１０６０５"},
        {"signature": ""},
        {"signature": "v1=é\ud800"},
        {"body": b"{ }"},
        {"secret": "another"},
        {"direction": Direction.REQUEST},
    ],
)
def test_the_signature_covers_everything(changed: dict[str, object]) -> None:
    """Direction, action, time, request and body: one that was made for anything else is none."""
    clock = MovableClock()
    made = {"action": "result", "timestamp": str(clock.epoch()), "request_id": "r", "body": b"{}", "secret": SECRET}
    direction = changed.get("direction", Direction.ANSWER)
    signature = sign_gateway(direction=direction, **made)  # type: ignore[arg-type]
    looked = {**made, "signature": signature, "now": clock.now()}
    looked |= {name: value for name, value in changed.items() if name != "direction"}
    assert not is_signed_answer(**looked)  # type: ignore[arg-type]
    if direction is Direction.ANSWER:
        assert is_signed_answer(**{**made, "signature": signature, "now": clock.now()})  # type: ignore[arg-type]


def test_nothing_of_the_person_shows(gateway: Gateway, choose) -> None:
    """Number, name, application id, token and address are in no repr."""
    journey = begin(gateway, with_number=True)
    choose(journey.start.url, "pass", number=ZHANG.number)
    result = journey.fetch()
    shown = f"{journey.way!r} {journey.start!r} {result!r} {result.application_id!r}"
    application_id = gateway.service.application_id_of(ZHANG.number)
    for secret in [*SECRETS, application_id, journey.start.token, journey.start.url, SECRET]:
        assert secret not in shown
