"""What every comparison of faces promises, each against its stand-in and its page over real sockets."""

import dataclasses
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.simulators.verification_service import Fault
from idp.core.ids import new_id
from realname.documents.document_number import DocumentType
from realname.providers.answer import Answer, Outcome
from realname.providers.question import Question
from realname.providers.verifier import FaceResult, Start
from tests.contract.realname.people import AI, BROWSER, HMT, RARE, SECRETS, UNKNOWN_NUMBER, ZHANG, number, question

RETURN = "https://id.example/face/back?step=1"


def begin(verifier, asked: Question | None = None) -> Start:
    start = verifier.begin(asked or question(), order=new_id(), return_url=RETURN, device=BROWSER)
    assert isinstance(start, Start)
    return start


def typed(person=RARE) -> dict[str, str]:
    """What the page of the mode for rare characters asks for again."""
    return {"number": person.number, "name": person.name}


def test_a_pass_is_a_match(faces, choose) -> None:
    """The person passes on the service's page, the browser comes back, and we fetch a match once."""
    verifier = faces.verifier()
    start = begin(verifier)
    assert 0 < start.life_seconds <= 7200
    back = choose(start.url, "pass")
    assert back.status == 303
    assert back.location.startswith(f"{RETURN}&")
    result = verifier.fetch(start.token)
    assert (result.answer.outcome, result.answer.is_charged) == (Outcome.MATCH, True)
    assert result.answer.request_id
    assert len(faces.simulator.ledger) == 2


@pytest.mark.parametrize("faces", ["tencent"], indirect=True)
def test_tencent_names_the_person(faces, choose) -> None:
    """Tencent gives number and name of whom it compared, and the vendor's own parameter comes back."""
    verifier = faces.verifier()
    start = begin(verifier)
    back = choose(start.url, "pass")
    assert parse_qs(urlsplit(back.location).query)["BizToken"] == [start.token.partition(".")[2]]
    result = verifier.fetch(start.token)
    assert (result.number, result.name) == (ZHANG.number, ZHANG.name)


@pytest.mark.parametrize("faces", ["aliyun"], indirect=True)
def test_aliyun_names_nobody(faces, choose) -> None:
    """Alibaba names nobody outside of its mode for rare characters, and tells the browser in `response`."""
    verifier = faces.verifier()
    start = begin(verifier)
    back = choose(start.url, "pass")
    told = json.loads(parse_qs(urlsplit(back.location).query)["response"][0])
    assert told == {"code": 1000, "extInfo": {"certifyId": start.token.partition(".")[2]}}
    result = verifier.fetch(start.token)
    assert (result.answer.outcome, result.number, result.name) == (Outcome.MATCH, None, None)


@pytest.mark.parametrize(
    ("choice", "outcome"), [("not_alike", Outcome.MISMATCH), ("attack", Outcome.RISK), ("cancel", Outcome.UNAVAILABLE)]
)
def test_other_ends_are_no_match(faces, choose, choice: str, outcome: Outcome) -> None:
    """Another face is a mismatch, an attack a risk, giving up is unfinished."""
    verifier = faces.verifier()
    start = begin(verifier)
    assert choose(start.url, choice).status == 303
    answer = verifier.fetch(start.token).answer
    assert answer.outcome is outcome
    assert (answer.code == "local.unfinished") == (choice == "cancel")


def test_an_unfinished_comparison_can_be_asked_about_again(faces, choose) -> None:
    """Before the person did anything it is unfinished, afterwards it is not."""
    verifier = faces.verifier()
    start = begin(verifier)
    answer = verifier.fetch(start.token).answer
    assert (answer.outcome, answer.code, answer.is_charged) == (Outcome.UNAVAILABLE, "local.unfinished", False)
    choose(start.url, "pass")
    assert verifier.fetch(start.token).answer.outcome is Outcome.MATCH


def test_an_expired_token_answers_nothing(faces, choose, browse) -> None:
    """The page dies first, then the result; neither is a word about the person."""
    verifier = faces.verifier()
    start, passed = begin(verifier), begin(verifier)
    choose(passed.url, "pass")
    faces.clock.move(seconds=start.life_seconds + 1)
    assert browse(start.url).status == 410
    assert verifier.fetch(start.token).answer.code == "local.unfinished"
    assert verifier.fetch(passed.token).answer.outcome is Outcome.MATCH
    faces.clock.move(seconds=faces.kind.result_seconds)
    answer = verifier.fetch(passed.token).answer
    assert answer.outcome is Outcome.UNAVAILABLE
    assert answer.code in ("InvalidParameterValue.BizTokenExpired", "406")


@pytest.mark.parametrize(
    "token", ["", ".", "x", "n.", "n.unheard", "q.abc", "a b.c", "order.", "\ud800.\n", "n.a/../b"]
)
def test_a_token_of_nobody_answers_nothing(faces, token: str) -> None:
    """Whatever is handed in as a token raises nothing and matches nobody."""
    assert faces.verifier().fetch(token).answer.outcome is Outcome.UNAVAILABLE


def test_a_result_that_was_given_before_is_not_taken(faces, choose) -> None:
    """Another person's pass, served again, passes nobody."""
    verifier = faces.verifier()
    passed, waiting = begin(verifier), begin(verifier, question(AI))
    choose(passed.url, "pass")
    choose(waiting.url, "not_alike")
    assert verifier.fetch(passed.token).answer.outcome is Outcome.MATCH
    faces.simulator.fault = Fault.REPLAY
    answer = verifier.fetch(waiting.token).answer
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.replayed")


@pytest.mark.parametrize("faces", ["tencent"], indirect=True)
def test_tencents_result_belongs_to_our_order(faces, choose) -> None:
    """Even who never saw the earlier result does not take it for another order's."""
    passed, waiting = begin(faces.verifier()), begin(faces.verifier())
    choose(passed.url, "pass")
    assert faces.verifier().fetch(passed.token).answer.outcome is Outcome.MATCH
    faces.simulator.fault = Fault.REPLAY
    assert faces.verifier().fetch(waiting.token).answer.code == "local.other"
    faces.simulator.fault = Fault.NONE
    order, _, biz_token = passed.token.partition(".")
    assert faces.verifier().fetch(f"{order}x.{biz_token}").answer.code == "local.other"


def test_a_result_for_another_person_names_that_person(faces, choose) -> None:
    """Where the service compared somebody else, number and name show it to whoever counts the answer."""
    verifier = faces.verifier()
    start = begin(verifier, question(RARE))
    choose(start.url, "pass", **typed(RARE))
    faces.simulator.fault = Fault.ANOTHER_PERSON
    result = verifier.fetch(start.token)
    assert (result.answer.outcome, result.number, result.name) == (Outcome.MATCH, ZHANG.number, ZHANG.name)


@pytest.mark.parametrize("faces", ["aliyun"], indirect=True)
def test_rare_characters_have_their_mode(faces, choose, browse) -> None:
    """Alibaba asks again for a name outside GBK, gives back what was typed, and only then."""
    verifier = faces.verifier()
    plain, rare = begin(verifier, question(AI)), begin(verifier, question(RARE))
    assert 'name="number"' not in browse(plain.url).content
    assert 'name="number"' in browse(rare.url).content
    choose(rare.url, "pass", **typed(RARE))
    result = verifier.fetch(rare.token)
    assert (result.answer.outcome, result.number, result.name) == (Outcome.MATCH, RARE.number, RARE.name)


@pytest.mark.parametrize("faces", ["aliyun"], indirect=True)
def test_typing_somebody_elses_data_passes_nobody(faces, choose) -> None:
    """Who begins for one person and types another's on the vendor's page gets no pass that names nobody."""
    verifier = faces.verifier()
    start = begin(verifier, question(RARE))
    choose(start.url, "pass", **typed(ZHANG))
    answer = verifier.fetch(start.token).answer
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "local.nobody")


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (question(name="李测试"), Outcome.MISMATCH),
        (question(dataclasses.replace(ZHANG, number=UNKNOWN_NUMBER)), Outcome.NO_RECORD),
    ],
    ids=["another name", "no record"],
)
def test_the_register_speaks_before_the_face(faces, choose, asked: Question, outcome: Outcome) -> None:
    """A living face does not help where name and number do not belong together or are unknown."""
    verifier = faces.verifier()
    start = begin(verifier, asked)
    choose(start.url, "pass")
    assert verifier.fetch(start.token).answer.outcome is outcome


def test_a_limit_stands_before_the_beginning(faces) -> None:
    """A service that has heard too often of a number begins nothing."""
    faces.simulator.force(faces.kind.limited, number=ZHANG.number)
    answer = faces.verifier().begin(question(), order=new_id(), return_url=RETURN, device=BROWSER)
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.code) == (Outcome.LIMITED, faces.kind.limited)


def test_documents_that_the_service_does_not_know_are_not_sent(faces) -> None:
    """A permit goes where the vendor documents it, and a travel permit nowhere."""
    verifier = faces.verifier()
    assert verifier.documents == faces.kind.documents
    knows_permits = DocumentType.HMT_RESIDENCE_PERMIT in faces.kind.documents
    permit = verifier.begin(question(HMT), order=new_id(), return_url=RETURN, device=BROWSER)
    assert isinstance(permit, Start) == knows_permits
    travel = dataclasses.replace(question(), number=number("H12345678"))
    answer = verifier.begin(travel, order=new_id(), return_url=RETURN, device=BROWSER)
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.code) == (Outcome.BAD_INPUT, "local.document")
    assert len(faces.simulator.ledger) == int(knows_permits)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.GARBAGE, Fault.TRUNCATED])
def test_a_lost_answer_is_no_answer(faces, choose, fault: Fault) -> None:
    """Nonsense begins nothing and passes nobody; afterwards the same token has its result."""
    verifier = faces.verifier()
    start = begin(verifier)
    choose(start.url, "pass")
    faces.simulator.fault = fault
    lost = [
        verifier.begin(question(), order=new_id(), return_url=RETURN, device=BROWSER),
        verifier.fetch(start.token).answer,
    ]
    for answer in lost:
        assert isinstance(answer, Answer)
        assert answer.outcome is Outcome.UNAVAILABLE
        assert answer.code.startswith("local.")
    faces.simulator.fault = Fault.NONE
    assert verifier.fetch(start.token).answer.outcome is Outcome.MATCH


def test_a_late_answer_and_a_refused_connection_are_no_answer(faces, unused_url: str) -> None:
    """Neither begins anything, and the service was asked once."""
    faces.simulator.fault = Fault.HANG
    late = faces.verifier(timeout=0.3).begin(question(), order=new_id(), return_url=RETURN, device=BROWSER)
    refused = faces.verifier(url=unused_url).begin(question(), order=new_id(), return_url=RETURN, device=BROWSER)
    assert [each.code for each in (late, refused) if isinstance(each, Answer)] == ["local.timeout", "local.unreachable"]
    assert faces.simulator.wait_for_requests(1)
    assert len(faces.simulator.ledger) == 1


def test_a_wrong_secret_is_refused_by_the_service(faces) -> None:
    """A signature that does not fit begins nothing."""
    answer = faces.verifier(secret="another").begin(question(), order=new_id(), return_url=RETURN, device=BROWSER)
    assert isinstance(answer, Answer)
    assert "Signature" in answer.code


@pytest.mark.parametrize("order", ["a" * 33, "with space", "", "é"])
def test_odd_orders_raise_nothing(faces, order: str) -> None:
    """An order of another form is refused or made fit, never an error."""
    started = faces.verifier().begin(question(), order=order, return_url=RETURN, device=BROWSER)
    assert isinstance(started, Start | Answer)


def test_nothing_of_the_person_shows(faces, choose) -> None:
    """Number, name, token and address are in no repr."""
    verifier = faces.verifier()
    start = begin(verifier)
    choose(start.url, "pass")
    result = verifier.fetch(start.token)
    shown = f"{verifier!r} {start!r} {result!r} {verifier.fetch('x')!r}"
    for secret in [*SECRETS, start.token, start.url, start.token.partition(".")[2]]:
        assert secret not in shown
    assert isinstance(result, FaceResult)


@pytest.mark.parametrize("faces", ["aliyun"], indirect=True)
def test_the_browser_must_be_told_of_where_the_service_wants_it(faces) -> None:
    """Alibaba's page needs to know the browser; without one, or with something else, the service is not asked."""
    for device in ("", json.dumps({"deviceType": "fridge"})):
        assert not faces.verifier().takes_device(device)
        answer = faces.verifier().begin(question(), order=new_id(), return_url=RETURN, device=device)
        assert isinstance(answer, Answer)
        assert (answer.outcome, answer.code, answer.was_asked) == (Outcome.BAD_INPUT, "local.device", False)
    assert faces.simulator.ledger == []


@pytest.mark.parametrize("faces", ["aliyun"], indirect=True)
def test_a_browser_that_the_service_does_not_take_begins_nothing(faces) -> None:
    """What our own look let through may still be refused by Alibaba, which says nothing about the person."""
    faces.simulator.force("414")
    answer = faces.verifier().begin(question(), order=new_id(), return_url=RETURN, device=BROWSER)
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, "414")


@pytest.mark.parametrize("faces", ["tencent"], indirect=True)
def test_where_the_service_asks_nothing_of_the_browser_nothing_is_said(faces) -> None:
    """Tencent's page needs no script of its own in ours."""
    assert faces.verifier().takes_device("")
    assert isinstance(faces.verifier().begin(question(), order=new_id(), return_url=RETURN), Start)
