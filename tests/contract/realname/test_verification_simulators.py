"""The stand-ins refuse what the real services refuse, and obey the demo's operator."""

import html.parser
import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from demo.simulators.verification import VerificationSimulator
from demo.simulators.verification_service import Fault
from idp.core.ids import new_id
from idp.outbound.aliyun_signature import canonical_query, sign_aliyun
from idp.outbound.tencent_signature import CONTENT_TYPE, sign_tencent
from realname.providers.answer import Outcome
from tests.contract.realname.conftest import MovableClock, pairs
from tests.contract.realname.kinds import ALIYUN_SCENE, FACES, KINDS, SECRET, TENCENT_RULE
from tests.contract.realname.people import AI, BROWSER, PEOPLE, RARE, ZHANG, question

FORM = "application/x-www-form-urlencoded"
REPOSITORY = Path(__file__).resolve().parents[3]


def call(url: str, *, headers: Mapping[str, str], body: bytes, target: str = "/") -> dict[str, object]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("POST", target, body=body, headers=dict(headers))
    with connection.getresponse() as response:
        answer = json.loads(response.read())
    connection.close()
    return answer


def ask_tencent(
    simulator: VerificationSimulator,
    clock: MovableClock,
    parameters: object,
    *,
    action: str = "IdCardVerification",
    service: str = "faceid",
    sent: bytes | None = None,
    **headers: str,
) -> str:
    """Ask as a client would, but for what is said otherwise; return the code of the refusal or the result."""
    body = json.dumps(parameters).encode()
    signed = sign_tencent(
        secret_id="AKIDcontract",
        secret_key=SECRET,
        service=service,
        host=simulator.url.removeprefix("http://"),
        action=action,
        body=body,
        now=clock.now(),
    )
    fields = {**signed, "Content-Type": CONTENT_TYPE, "X-TC-Version": "2018-03-01"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = call(simulator.url, headers=fields, body=body if sent is None else sent)["Response"]
    return answer["Error"]["Code"] if "Error" in answer else answer["Result"]


PAIR = {"IdCard": ZHANG.number, "Name": ZHANG.name}


@pytest.mark.parametrize("pair", ["tencent"], indirect=True)
def test_tencent_refuses_as_the_real_one(pair, clock: MovableClock) -> None:
    """Signature, key, service, version, action, and each parameter have their refusal beside what is taken."""
    simulator = pair.simulator

    def ask(parameters: object = PAIR, **changes: object) -> str:
        return ask_tencent(simulator, clock, parameters, **changes)

    assert ask() == "0"
    assert ask(sent=json.dumps({**PAIR, "Name": AI.name}).encode()) == "AuthFailure.SignatureFailure"
    assert ask(X_TC_Action="PhoneVerification") == "AuthFailure.SignatureFailure"
    assert ask(service="sms") == "AuthFailure.SignatureFailure"
    assert ask(Authorization="Basic eDp5") == "AuthFailure.InvalidAuthorization"
    assert ask(X_TC_Timestamp=str(clock.epoch() - 301)) == "AuthFailure.SignatureExpire"
    assert ask(X_TC_Timestamp=str(clock.epoch() - 300)) == "AuthFailure.SignatureFailure"
    assert ask(X_TC_Version="2021-01-11") == "NoSuchVersion"
    assert ask(action="SendSms") == "InvalidAction"
    assert ask([PAIR]) == "InvalidParameter"
    assert ask({**PAIR, "Name": 5}) == "InvalidParameter"
    assert ask({"IdCard": ZHANG.number}) == "MissingParameter"
    assert ask({**PAIR, "Name": ""}) == "MissingParameter"
    assert ask({**PAIR, "Age": "5"}) == "UnknownParameter"
    assert ask({**PAIR, "IdCard": ZHANG.number[:-1] + "4"}) == "-2"
    assert ask({"RuleId": "8", **PAIR}, action="DetectAuth") == "InvalidParameterValue.RuleIdNotExist"
    assert ask({"RuleId": TENCENT_RULE, "Name": "x"}, action="DetectAuth") == "FailedOperation.IdFormatError"
    asked = {"RuleId": TENCENT_RULE, "BizToken": "unheard-of"}
    assert ask(asked, action="GetDetectInfoEnhanced") == "InvalidParameterValue.BizTokenIllegal"


def ask_aliyun(
    simulator: VerificationSimulator,
    clock: MovableClock,
    form: Mapping[str, str],
    *,
    action: str = "Id2MetaVerify",
    version: str = "2019-03-07",
    nonce: str = "",
    sent: bytes | None = None,
    **headers: str,
) -> str:
    """Ask as a client would, but for what is said otherwise; return the code."""
    body = canonical_query(form).encode()
    fields = sign_aliyun(
        access_key_id="LTAIcontract",
        access_key_secret=SECRET,
        host=simulator.url.removeprefix("http://"),
        action=action,
        version=version,
        query="",
        body=body,
        content_type=FORM,
        nonce=nonce or new_id(),
        now=clock.now(),
    )
    fields |= {"Content-Type": FORM}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = call(simulator.url, headers=fields, body=body if sent is None else sent)
    result = answer.get("ResultObject", {})
    return result.get("BizCode") or answer["Code"]


@pytest.mark.parametrize("pair", ["aliyun"], indirect=True)
def test_alibaba_refuses_as_the_real_one(pair, clock: MovableClock) -> None:
    """Signature, digest, nonce, date, version, action, and each parameter have their refusal beside what is taken."""
    simulator = pair.simulator
    plain = {"ParamType": "normal", "IdentifyNum": ZHANG.number, "UserName": ZHANG.name}

    def ask(form: Mapping[str, str] = plain, **changes: str) -> str:
        return ask_aliyun(simulator, clock, form, **changes)

    assert ask(nonce="once") == "1"
    assert ask(nonce="once") == "SignatureNonceUsed"
    assert ask(nonce="twice") == "1"
    assert ask(sent=b"IdentifyNum=1") == "SignatureDoesNotMatch"
    assert ask(x_acs_action="Mobile3MetaDetailVerify") == "SignatureDoesNotMatch"
    assert ask(x_acs_extra="unsigned") == "IncompleteSignature"
    assert ask(Authorization="Basic eDp5") == "IncompleteSignature"
    assert ask(x_acs_date="2026-02-28T20:00:00Z") == "InvalidTimeStamp.Expired"
    assert ask(x_acs_date="yesterday") == "InvalidTimeStamp.Expired"
    assert ask(version="2017-05-25") == "InvalidVersion"
    assert ask(action="SendSms") == "InvalidAction.NotFound"
    assert ask({**plain, "UserName": ""}) == "400"
    assert ask({"ParamType": "normal"}) == "400"
    assert ask({**plain, "ParamType": "md5"}) == "401"
    assert ask({**plain, "IdentifyNum": "4"}) == "401"
    face = {"SceneId": ALIYUN_SCENE, "OuterOrderNo": "a" * 32, "ProductCode": "ID_PRO", "CertType": "IDENTITY_CARD"}
    face |= {"CertName": ZHANG.name, "CertNo": ZHANG.number, "MetaInfo": '{"deviceType": "h5"}'}
    assert ask(face, action="InitFaceVerify") == "200"
    assert ask({**face, "SceneId": "5"}, action="InitFaceVerify") == "404"
    assert ask({**face, "OuterOrderNo": "a-b"}, action="InitFaceVerify") == "401"
    assert ask({**face, "CertType": "PASSPORT"}, action="InitFaceVerify") == "401"
    assert ask({**face, "MetaInfo": "x"}, action="InitFaceVerify") == "414"
    assert ask({"SceneId": ALIYUN_SCENE, "CertifyId": "unheard"}, action="DescribeFaceVerify") == "406"


class Outline(html.parser.HTMLParser):
    """The elements of a page, and what they are labelled with."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("person", [ZHANG, RARE])
def test_the_face_page_says_what_it_is(faces, browse, person) -> None:
    """It is a simulator's, Chinese first, of labelled fields and buttons, without a script or anybody's data."""
    start = faces.verifier().begin(
        question(person), order=new_id(), return_url="https://id.example/back", device=BROWSER
    )
    page = browse(start.url)
    assert "这是" in page.content
    assert "This is a simulator" in page.content
    outline = Outline()
    outline.feed(page.content)
    assert outline.all("html")[0]["lang"] == "zh-CN"
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert outline.all("script") == []
    assert [button["value"] for button in outline.all("button")] == ["pass", "not_alike", "attack", "cancel"]
    visible = {field["id"] for field in outline.all("input") if field.get("type") != "hidden"}
    assert visible == {label["for"] for label in outline.all("label")}
    assert person.number not in page.content
    assert person.name not in page.content


def test_the_face_page_is_used_once_and_from_itself(faces, browse: Callable, choose: Callable) -> None:
    """Another page's form, a forged one and a second one change nothing."""
    verifier = faces.verifier()
    start = verifier.begin(question(), order=new_id(), return_url="https://id.example/back", device=BROWSER)
    assert browse(start.url, {"token": "forged", "choice": "pass"}).status == 403
    assert browse(start.url, {"choice": "pass"}).status == 403
    assert choose(start.url, "whatever").status == 400
    assert browse(f"{start.url}x").status == 404
    assert verifier.fetch(start.token).answer.code == "local.unfinished"
    assert choose(start.url, "not_alike").status == 303
    assert browse(start.url).status == 410
    assert browse(start.url, {"token": "x", "choice": "pass"}).status == 410
    assert verifier.fetch(start.token).answer.outcome is Outcome.MISMATCH


def control(simulator_url: str, method: str, path: str, body: object = None) -> dict[str, object]:
    connection = http.client.HTTPConnection(simulator_url.removeprefix("http://"), timeout=5)
    connection.request(method, path, body=json.dumps(body if body is not None else {}))
    with connection.getresponse() as response:
        answer = json.loads(response.read())
    connection.close()
    return answer


@pytest.mark.parametrize("pair", sorted(KINDS), indirect=True)
def test_the_stand_in_obeys_control_calls(pair) -> None:
    """Faults, forced codes, the list of requests and a new beginning work over HTTP, and name nobody."""
    url, verifier = pair.simulator.url, pair.verifier()
    control(url, "POST", "/control/fault", {"fault": Fault.ERROR})
    assert verifier.verify(question()).code == "local.http.500"
    control(url, "POST", "/control/reset")
    control(url, "POST", "/control/force", {"number": ZHANG.number, "code": pair.kind.failing})
    assert verifier.verify(question()).code == pair.kind.failing
    control(url, "POST", "/control/reset")
    assert verifier.verify(question()).outcome is Outcome.MATCH
    requests = control(url, "GET", "/control/requests")
    assert [each["action"] for each in requests["requests"]] == pair.actions
    assert ZHANG.number not in json.dumps(requests)
    assert "error" in control(url, "POST", "/control/fault", {"fault": "cheerful"})
    assert "error" in control(url, "POST", "/control/nothing")


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_stand_in_runs_as_a_program(name: str) -> None:
    """It takes its settings from standard input, says where it answers, and answers there."""
    settings: dict[str, object] = {"people": [asdict(person) for person in PEOPLE]}
    if name == "tencent":
        settings |= {"secret_id": "AKIDcontract", "secret_key": SECRET, "rule_id": TENCENT_RULE}
    else:
        settings |= {"access_key_id": "LTAIcontract", "access_key_secret": SECRET, "scene_id": ALIYUN_SCENE}
    command = [sys.executable, "-m", "demo.simulators.verification", name]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(settings))
            process.stdin.close()
            said = process.stdout.readline()
            assert said.startswith(f"{name} answers at http://127.0.0.1:")
            assert control(said.split()[-1], "GET", "/control/requests") == {"requests": []}
        finally:
            process.kill()


def test_every_comparison_of_faces_has_a_pair_beside_it() -> None:
    """Both lists name the services alike, so that configuration can."""
    assert set(FACES) <= set(KINDS)
    for name, kind in FACES.items():
        for faces in pairs(kind, name, MovableClock()):
            assert faces.verifier().name == name
