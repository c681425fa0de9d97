"""The vendors' own clients and our adapters ask the same stand-in, and ask it the same."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from demo.simulators.exchange import Asked
from demo.simulators.verification import VerificationSimulator
from idp.core.clock import Clock
from realname.providers.verifier import Start
from tests.contract.realname import kinds
from tests.contract.realname.people import AI, UNKNOWN_NUMBER, ZHANG, mobile_question, question

RETURN = "https://id.example/face/back?step=1"
BROWSER = json.dumps({"deviceType": "h5", "ua": "Mozilla/5.0 (X11; Linux)"})
ORDER = "order-of-the-contract_01"


@pytest.fixture
def serve() -> Iterator[Callable[[str], VerificationSimulator]]:
    """A stand-in on the real clock: the vendors' clients know no other."""
    started: list[VerificationSimulator] = []

    def start(kind: str) -> VerificationSimulator:
        simulator = VerificationSimulator(kinds.KINDS[kind].service())
        simulator.start()
        started.append(simulator)
        return simulator

    yield start
    for simulator in started:
        simulator.stop()


def ask_by_vendor(kind: str, url: str, *calls: tuple[str, dict[str, object]], secret: str = kinds.SECRET) -> list:
    settings = {
        "kind": kind,
        "endpoint": url.removeprefix("http://"),
        "id": {"tencent": "AKIDcontract", "aliyun": "LTAIcontract"}[kind],
        "secret": secret,
        "region": "ap-guangzhou",
        "calls": calls,
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("vendor_client.py"))],
        input=json.dumps(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def canonical(asked: Asked) -> dict[str, object]:
    """What a request says, without order, times, nonces, signatures and the client's own name."""
    names = ("x-tc-action", "x-tc-version", "x-tc-region", "x-acs-action", "x-acs-version", "accept", "host")
    # One client's general "accept anything" is another's silence.
    headers = {name: asked.headers[name] for name in names if asked.headers.get(name, "*/*") != "*/*"}
    is_json = asked.headers.get("content-type", "").startswith("application/json")
    body = json.loads(asked.body) if is_json else parse_qs(asked.body.decode(), strict_parsing=bool(asked.body))
    query = parse_qs(asked.query, strict_parsing=bool(asked.query))
    return {"line": (asked.method, asked.path), "headers": headers, "query": query, "body": body}


def requests_of(simulator: VerificationSimulator) -> list[dict[str, object]]:
    return [canonical(request.asked) for request in simulator.ledger]


def test_tencents_client_asks_what_we_ask(serve) -> None:
    """Pair, triple and card: one body, one set of fields, one answer."""
    simulator = serve("tencent")
    verifier = kinds.tencent_verifier(simulator.url, secret=kinds.SECRET, clock=Clock(), fetcher=kinds.make_fetcher())
    ours = [
        verifier.verify(question()),
        verifier.verify(question(name="李测试")),
        verifier.verify(mobile_question(AI)),
        verifier.verify_card(question(AI), valid_from=date(2010, 5, 5), valid_until=None),
    ]
    asked, simulator.ledger = requests_of(simulator), []
    pair = {"IdCard": ZHANG.number, "Name": ZHANG.name}
    theirs = ask_by_vendor(
        "tencent",
        simulator.url,
        ("IdCardVerification", pair),
        ("IdCardVerification", {**pair, "Name": "李测试"}),
        ("PhoneVerification", {"IdCard": AI.number, "Name": AI.name, "Phone": AI.mobile, "VerifyMode": "0"}),
        (
            "CheckIdNameDate",
            {"IdCard": AI.number, "Name": AI.name, "ValidityBegin": "20100505", "ValidityEnd": "00000000"},
        ),
    )
    assert requests_of(simulator) == asked
    assert [each["answer"]["Result"] for each in theirs] == [answer.code for answer in ours] == ["0", "-1", "0", "0"]


def test_tencents_client_compares_faces_as_we_do(serve, choose) -> None:
    """The beginning and the result of a face are asked for in the same words."""
    simulator = serve("tencent")
    verifier = kinds.tencent_face(simulator.url, secret=kinds.SECRET, clock=Clock(), fetcher=kinds.make_fetcher())
    start = verifier.begin(question(), order=ORDER, return_url=RETURN)
    assert isinstance(start, Start)
    choose(start.url, "pass")
    verifier.fetch(start.token)
    asked, simulator.ledger = requests_of(simulator), []
    biz_token = start.token.partition(".")[2]
    theirs = ask_by_vendor(
        "tencent",
        simulator.url,
        (
            "DetectAuth",
            {
                "RuleId": kinds.TENCENT_RULE,
                "IdCard": ZHANG.number,
                "Name": ZHANG.name,
                "RedirectUrl": RETURN,
                "Extra": ORDER,
            },
        ),
        ("GetDetectInfoEnhanced", {"BizToken": biz_token, "RuleId": kinds.TENCENT_RULE, "InfoType": "1"}),
    )
    assert requests_of(simulator) == asked
    assert theirs[0]["answer"]["BizToken"] != biz_token
    text = theirs[1]["answer"]["Text"]
    assert (text["ErrCode"], text["IdCard"], text["Name"], text["Extra"]) == (0, ZHANG.number, ZHANG.name, ORDER)


def test_alibabas_client_asks_what_we_ask(serve) -> None:
    """Pair and triple: one form, one set of fields, one answer."""
    simulator = serve("aliyun")
    verifier = kinds.aliyun_verifier(simulator.url, secret=kinds.SECRET, clock=Clock(), fetcher=kinds.make_fetcher())
    ours = [verifier.verify(question(AI)), verifier.verify(mobile_question(name="李 测试&="))]
    asked, simulator.ledger = requests_of(simulator), []
    theirs = ask_by_vendor(
        "aliyun",
        simulator.url,
        ("Id2MetaVerify", {"ParamType": "normal", "IdentifyNum": AI.number, "UserName": AI.name}),
        (
            "Mobile3MetaDetailVerify",
            {
                "ParamType": "normal",
                "IdentifyNum": ZHANG.number,
                "UserName": "李 测试&=",
                "Mobile": ZHANG.mobile,
            },
        ),
    )
    assert requests_of(simulator) == asked
    assert [answer.code for answer in ours] == ["1", "401"]
    assert theirs[0]["answer"]["ResultObject"] == {"BizCode": "1"}
    assert theirs[1]["answer"]["Code"] == "401"


def test_alibabas_client_compares_faces_as_we_do(serve, choose) -> None:
    """The beginning and the result of a face are asked for in the same words, each in its place."""
    simulator = serve("aliyun")
    verifier = kinds.aliyun_face(simulator.url, secret=kinds.SECRET, clock=Clock(), fetcher=kinds.make_fetcher())
    start = verifier.begin(question(), order=ORDER, return_url=RETURN, device=BROWSER)
    assert isinstance(start, Start)
    choose(start.url, "pass")
    verifier.fetch(start.token)
    asked, simulator.ledger = requests_of(simulator), []
    (order_number,) = asked[0]["query"]["OuterOrderNo"]
    certify_id = start.token.partition(".")[2]
    theirs = ask_by_vendor(
        "aliyun",
        simulator.url,
        (
            "InitFaceVerify",
            {
                "SceneId": int(kinds.ALIYUN_SCENE),
                "OuterOrderNo": order_number,
                "ProductCode": "ID_PRO",
                "CertType": "IDENTITY_CARD",
                "CertName": ZHANG.name,
                "CertNo": ZHANG.number,
                "MetaInfo": BROWSER,
                "ReturnUrl": RETURN,
                "RarelyCharacters": "N",
                "Model": "MOVE_ACTION",
            },
        ),
        ("DescribeFaceVerify", {"SceneId": int(kinds.ALIYUN_SCENE), "CertifyId": certify_id}),
    )
    assert requests_of(simulator) == asked
    assert theirs[0]["answer"]["ResultObject"]["CertifyUrl"].startswith(f"{simulator.url}/face/")
    result = theirs[1]["answer"]["ResultObject"]
    assert (result["Passed"], result["SubCode"], result["UserInfo"]) == ("T", "200", "")


@pytest.mark.parametrize(
    ("kind", "call", "code"),
    [
        (
            "tencent",
            ("IdCardVerification", {"IdCard": UNKNOWN_NUMBER, "Name": "王测试"}),
            "AuthFailure.SignatureFailure",
        ),
        (
            "aliyun",
            ("Id2MetaVerify", {"ParamType": "normal", "IdentifyNum": UNKNOWN_NUMBER, "UserName": "王测试"}),
            "SignatureDoesNotMatch",
        ),
    ],
)
def test_a_wrong_secret_is_refused_to_the_vendors_clients_too(serve, kind: str, call, code: str) -> None:
    """The stand-in checks the vendors' signatures as it checks ours."""
    (refused,) = ask_by_vendor(kind, serve(kind).url, call, secret="another")
    assert refused == {"error": code}
    (taken,) = ask_by_vendor(kind, serve(kind).url, call)
    assert "answer" in taken
