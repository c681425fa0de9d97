"""How a verification service's words become an answer, and which words do not."""

import json

import pytest

from idp.outbound.fetcher import OutboundReason, OutboundRefused, OutboundResponse
from realname.providers.aliyun import AliyunVerifier
from realname.providers.answer import Answer, Outcome
from realname.providers.reply import RequestIds
from realname.providers.tencent import TencentVerifier
from tests.contract.realname import scripted
from tests.contract.realname.conftest import MovableClock
from tests.contract.realname.people import AI, BROWSER, RARE, ZHANG, question

NONSENSE = [
    b"",
    b"<html>",
    b"[]",
    b"null",
    b"\xff",
    b"[" * 100_000,
    b'{"Response": NaN}',
    {"Response": []},
    {"Response": {"RequestId": "r"}},
    {"Response": {"Result": "0"}},
    {"Response": {"Result": 0, "RequestId": "r"}},
    {"Response": {"Result": ["0"], "RequestId": "r"}},
    {"Response": {"Result": "0", "RequestId": "is not one"}},
    {"Response": {"Error": "x", "RequestId": "r"}},
    {"Response": {"Error": {"Code": "of 110101199003071233 "}, "RequestId": "r"}},
    {"Response": {"Error": None, "Result": "0", "RequestId": "r"}},
    {"Code": 200, "RequestId": "r", "ResultObject": {"BizCode": "1", "SubCode": "101"}},
    {"Code": "200", "ResultObject": {"BizCode": "1"}},
    {"Code": "200", "RequestId": "r"},
    {"Code": "200", "RequestId": "r", "ResultObject": "1"},
    {"Code": "200", "RequestId": "r", "ResultObject": {"BizCode": 1}},
    {"Code": "200", "RequestId": "r", "ResultObject": {"BizCode": "１"}},
]


@pytest.mark.parametrize("make", [scripted.tencent, scripted.aliyun])
@pytest.mark.parametrize("body", NONSENSE)
def test_unreadable_answers_say_nothing(make, body: object) -> None:
    """An answer that is not of the documented form is no answer, under a code of ours."""
    for asked in (question(), question(mobile=f"+86{ZHANG.mobile}")):
        answer = make(body).verify(asked)
        assert (answer.outcome, answer.is_charged) == (Outcome.UNAVAILABLE, False)
        assert answer.code.startswith("local.")
        assert "110101" not in repr(answer)


@pytest.mark.parametrize("quoted", [ZHANG.number, "11010119900307123X", ZHANG.mobile, f"Bad.{ZHANG.number}"])
def test_a_number_that_the_service_quotes_is_no_code(quoted: str) -> None:
    """Neither code nor request id can carry somebody's number into a log or a table."""
    tencent = {"Response": {"Result": quoted, "RequestId": "r"}}
    aliyun = {"Code": "200", "RequestId": "r", "ResultObject": {"BizCode": quoted}}
    bodies = [
        (scripted.tencent, tencent),
        (scripted.tencent, {"Response": {"Error": {"Code": quoted}, "RequestId": "r"}}),
        (scripted.tencent, {"Response": {"Result": "0", "RequestId": quoted.removeprefix("Bad.")}}),
        (scripted.aliyun, aliyun),
        (scripted.aliyun, {"Code": quoted, "RequestId": "r"}),
        (scripted.aliyun, {"Code": "200", "RequestId": quoted.removeprefix("Bad."), "ResultObject": {"BizCode": "1"}}),
    ]
    for make, body in bodies:
        for status in (200, 400):
            answer = make(body, status).verify(question())
            assert answer.outcome is Outcome.UNAVAILABLE
            assert answer.code.startswith("local.")
            assert not any(text in repr(answer) for text in (quoted, ZHANG.number, ZHANG.mobile))


@pytest.mark.parametrize("make", [scripted.tencent_face, scripted.aliyun_face])
@pytest.mark.parametrize("body", NONSENSE)
def test_unreadable_answers_pass_nobody(make, body: object) -> None:
    """Neither a beginning nor a result can be made of nonsense."""
    begun = make(body).begin(question(), order="order", return_url="https://id.example/", device=BROWSER)
    for answer in (begun, make(body).fetch("order.TOKEN").answer, make(body).fetch("n.abc").answer):
        assert isinstance(answer, Answer)
        assert answer.outcome is Outcome.UNAVAILABLE
        assert answer.code.startswith("local.")


@pytest.mark.parametrize("status", [201, 204, 400, 403, 404, 408, 429, 500, 502, 503, 600])
def test_an_http_error_says_nothing(status: int) -> None:
    """Whatever the body claims, another status than 200 is no word of the source."""
    tencent = scripted.tencent({"Response": {"Result": "0", "RequestId": "r"}}, status)
    aliyun = scripted.aliyun({"Code": "200", "RequestId": "r", "ResultObject": {"BizCode": "1"}}, status)
    for verifier in (tencent, aliyun):
        answer = verifier.verify(question())
        assert (answer.outcome, answer.request_id) == (Outcome.UNAVAILABLE, "r")
        assert answer.code == f"local.http.{status}"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("Throttling.User", Outcome.LIMITED), ("Throttling", Outcome.LIMITED), ("Forbidden.RAM", Outcome.UNAVAILABLE)],
)
def test_alibabas_gateway_has_words_of_its_own(code: str, outcome: Outcome) -> None:
    """The gateway's refusals keep their words; being asked too much is a limit."""
    answer = scripted.aliyun({"Code": code, "RequestId": "r"}, 400).verify(question())
    assert (answer.outcome, answer.code, answer.request_id) == (outcome, code, "r")


@pytest.mark.parametrize("reason", list(OutboundReason))
@pytest.mark.parametrize("is_sent", [False, True])
def test_a_fetchers_refusal_is_unavailable(reason: OutboundReason, is_sent: bool) -> None:
    """Whatever keeps the answer from us, nothing was said about the person."""

    class Refusing:
        def post(self, *_arguments: object, **_more: object) -> OutboundResponse:
            raise OutboundRefused(reason, detail=ZHANG.number, request_sent=is_sent)

    clock = MovableClock()
    for verifier in (
        TencentVerifier(secret_id="i", secret_key="k", fetcher=Refusing(), clock=clock),
        AliyunVerifier(access_key_id="i", access_key_secret="k", fetcher=Refusing(), clock=clock),
    ):
        answer = verifier.verify(question())
        assert (answer.outcome, answer.code) == (Outcome.UNAVAILABLE, f"local.{reason}")
        assert ZHANG.number not in repr(answer)


@pytest.mark.parametrize(
    "text",
    [
        {"LiveStatus": 1},
        {"LiveStatus": None},
        {"LiveStatus": False},
        {"Comparestatus": 2016},
        {"Comparestatus": "0"},
        {"Sim": "69.99"},
        {"Sim": 88.1},
        {"Sim": None},
        {"Sim": "100.01"},
        {"Sim": "nan"},
        {"Sim": "８８"},
        {"Sim": "88 "},
        {"ErrCode": "0"},
        {"ErrCode": False},
        {"ErrCode": 0.0},
        {"ErrCode": -1},
        {"ErrCode": 99999},
        {"ErrCode": None},
        {"Extra": "another"},
        {"Extra": None},
        {"UseIDType": 2},
        {"UseIDType": "x"},
        {"CompareLibType": "业务方自有库（用户上传照片）"},
        {"CompareLibType": "二次验证库"},
        {"CompareLibType": "人工审核库"},
    ],
    ids=str,
)
def test_a_pass_without_one_of_its_signs_is_none(text: dict[str, object]) -> None:
    """Alive, alike, alike enough, for our order, a lawful number, the police's picture: all of them or nothing."""
    assert scripted.tencent_text(**text).answer.outcome is Outcome.UNAVAILABLE
    assert scripted.tencent_text().answer.outcome is Outcome.MATCH


@pytest.mark.parametrize(
    "text", [{"Sim": "70.00"}, {"Sim": "70"}, {"Sim": "100.00"}, {"UseIDType": 1}, {"UseIDType": None}]
)
def test_a_pass_at_its_edges_is_one(text: dict[str, object]) -> None:
    """Seventy is enough, a permit is lawful, and what is not said is not held against the person."""
    assert scripted.tencent_text(**text).answer.outcome is Outcome.MATCH


@pytest.mark.parametrize(
    ("tags", "outcome"),
    [
        (["03"], Outcome.RISK),
        (["01", "13"], Outcome.RISK),
        (["01", "09"], Outcome.UNAVAILABLE),
        ([], Outcome.UNAVAILABLE),
        (None, Outcome.UNAVAILABLE),
        ("03", Outcome.UNAVAILABLE),
        ([3, None], Outcome.UNAVAILABLE),
    ],
)
def test_the_reasons_of_a_refusal_tell_an_attack(tags: object, outcome: Outcome) -> None:
    """Bad light stays bad light; traces of an attack are a risk, whatever the end is called."""
    assert scripted.tencent_text(ErrCode=1201, LiveStatus=1201, LivenessInfoTag=tags).answer.outcome is outcome
    passed = scripted.tencent_text(LivenessInfoTag=tags).answer.outcome
    assert passed is (Outcome.RISK if outcome is Outcome.RISK else Outcome.MATCH)


@pytest.mark.parametrize(
    ("tries", "is_charged"),
    [
        ([{"IsNeedCharge": False}, {"IsNeedCharge": True}], True),
        ([{"IsNeedCharge": False}], False),
        ([{"IsNeedCharge": "true"}], False),
        ([], True),
        (None, True),
    ],
)
def test_tencent_says_of_each_try_whether_it_is_charged(tries: object, is_charged: bool) -> None:
    """One charged try is a charged answer; a pass whose tries are not listed is counted."""
    assert scripted.tencent_text(LivenessDetail=tries).answer.is_charged is is_charged


@pytest.mark.parametrize(
    "result",
    [
        {"Passed": "T", "SubCode": "204"},
        {"Passed": "F", "SubCode": "200"},
        {"Passed": None, "SubCode": "200"},
        {"Passed": True, "SubCode": "200"},
        {"Passed": "T", "SubCode": 200},
        {"Passed": "T", "SubCode": "2000"},
        {"Passed": "T"},
        {"SubCode": "200"},
        {},
    ],
    ids=str,
)
def test_passed_and_sub_code_must_agree(result: dict[str, object]) -> None:
    """A result that says yes and no says nothing."""
    assert scripted.aliyun_result(**result).answer.outcome is Outcome.UNAVAILABLE
    assert scripted.aliyun_result(Passed="T", SubCode="200").answer.outcome is Outcome.MATCH


@pytest.mark.parametrize(
    ("user_info", "outcome"),
    [
        (json.dumps({"name": RARE.name, "verifyName": "王测测", "number": RARE.number}), Outcome.MATCH),
        (json.dumps({"name": RARE.name}), Outcome.UNAVAILABLE),
        (json.dumps({"name": RARE.name, "number": 4}), Outcome.UNAVAILABLE),
        ("", Outcome.UNAVAILABLE),
        ("[" * 10_000, Outcome.UNAVAILABLE),
        ("\ud800", Outcome.UNAVAILABLE),
        (None, Outcome.UNAVAILABLE),
        ({"name": RARE.name, "number": RARE.number}, Outcome.UNAVAILABLE),
    ],
)
def test_a_pass_in_the_mode_for_rare_characters_must_say_for_whom(user_info: object, outcome: Outcome) -> None:
    """What was typed on the vendor's page decides for whom the pass is; without it there is none."""
    result = scripted.aliyun_result(token="y.abc", Passed="T", SubCode="200", UserInfo=user_info)
    assert result.answer.outcome is outcome
    if outcome is Outcome.MATCH:
        assert (result.number, result.name) == (RARE.number, RARE.name)
    other_mode = scripted.aliyun_result(token="n.abc", Passed="T", SubCode="200", UserInfo=user_info)
    assert other_mode.answer.outcome is Outcome.MATCH


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"BizCode": "1", "SubCode": "101"}, Outcome.MATCH),
        ({"BizCode": "2", "SubCode": "101"}, Outcome.UNAVAILABLE),
        ({"BizCode": "1", "SubCode": "202"}, Outcome.UNAVAILABLE),
        ({"BizCode": "3", "SubCode": "204"}, Outcome.UNAVAILABLE),
        ({"BizCode": "1"}, Outcome.UNAVAILABLE),
        ({"SubCode": "101"}, Outcome.UNAVAILABLE),
    ],
)
def test_the_brief_and_the_detailed_code_must_agree(result: dict[str, object], outcome: Outcome) -> None:
    """A triple that matches and does not match says nothing."""
    assert scripted.aliyun_mobile(**result).outcome is outcome


@pytest.mark.parametrize(
    "url", [None, "", "/face", "javascript:alert(1)", "http://page.example/", "https://a@page.example/", 7]
)
def test_browsers_are_sent_to_protected_addresses_only(url: object) -> None:
    """A service that is asked over TLS cannot send the browser elsewhere, or anywhere odd."""
    question_asked, order, back = question(), "order", "https://id.example/"
    tencent = {"Response": {"RequestId": "r", "BizToken": "T", "Url": url}}
    aliyun = {"Code": "200", "RequestId": "r", "ResultObject": {"CertifyId": "abc", "CertifyUrl": url}}
    for verifier in (scripted.tencent_face(tencent), scripted.aliyun_face(aliyun)):
        answer = verifier.begin(question_asked, order=order, return_url=back, device=BROWSER)
        assert isinstance(answer, Answer)
        assert answer.code == "local.answer"


def test_no_image_is_ever_asked_for_or_kept() -> None:
    """Tencent is asked for the text alone, and pictures in an answer go nowhere."""
    text = {"ErrCode": 0, "Extra": "order", "LiveStatus": 0, "Comparestatus": 0, "Sim": "80"}
    body = {"Response": {"RequestId": "r", "Text": text, "BestFrame": {"BestFrame": "cGljdHVyZQ=="}}}
    fetcher = scripted.ScriptedFetcher(body)
    verifier = scripted.TencentFaceVerifier(
        secret_id="i", secret_key="k", rule_id="7", clock=MovableClock(), fetcher=fetcher
    )
    result = verifier.fetch("order.TOKEN")
    assert result.answer.outcome is Outcome.MATCH
    ((_, posted),) = fetcher.posted
    assert json.loads(posted) == {"BizToken": "TOKEN", "RuleId": "7", "InfoType": "1"}
    assert "cGljdHVyZQ" not in repr(result)


def test_names_that_are_too_long_for_a_form_are_not_sent() -> None:
    """Tencent's page takes thirty-two characters."""
    fetcher = scripted.ScriptedFetcher({})
    verifier = scripted.TencentFaceVerifier(
        secret_id="i", secret_key="k", rule_id="7", clock=MovableClock(), fetcher=fetcher
    )
    answer = verifier.begin(question(AI, name="长" * 33), order="order", return_url="https://id.example/")
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.code, fetcher.posted) == (Outcome.BAD_INPUT, "local.name", [])


def test_request_ids_are_remembered_within_bounds() -> None:
    """An id is new once, however often it comes, and the memory does not grow without end."""
    ids = RequestIds()
    assert [ids.is_new(text) for text in ("a", "a", "b", "a")] == [True, False, True, False]
    for count in range(5000):
        assert ids.is_new(f"r{count}")
    assert ids.is_new("a")
    assert not ids.is_new("r4999")
