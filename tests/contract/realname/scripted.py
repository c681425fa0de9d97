"""A fetcher that gives one answer to everything, and the verifiers that ask it."""

import json

from idp.outbound.fetcher import OutboundResponse
from realname.providers.aliyun import AliyunVerifier
from realname.providers.aliyun_face import AliyunFaceVerifier
from realname.providers.answer import Answer
from realname.providers.tencent import TencentVerifier
from realname.providers.tencent_face import TencentFaceVerifier
from realname.providers.verifier import FaceResult
from tests.contract.realname.conftest import MovableClock
from tests.contract.realname.people import mobile_question, question


class ScriptedFetcher:
    """Answers every request alike, and keeps what was posted."""

    def __init__(self, body: object, status: int = 200) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.response = OutboundResponse(status=status, headers={}, body=content)
        self.posted: list[tuple[str, bytes]] = []

    def post(self, url: str, *, body: bytes, content_type: str, headers: dict[str, str]) -> OutboundResponse:
        self.posted.append((url, body))
        return self.response


def tencent(body: object, status: int = 200) -> TencentVerifier:
    return TencentVerifier(secret_id="i", secret_key="k", clock=MovableClock(), fetcher=ScriptedFetcher(body, status))


def tencent_face(body: object, status: int = 200) -> TencentFaceVerifier:
    fetcher = ScriptedFetcher(body, status)
    return TencentFaceVerifier(secret_id="i", secret_key="k", rule_id="7", clock=MovableClock(), fetcher=fetcher)


def aliyun(body: object, status: int = 200) -> AliyunVerifier:
    fetcher = ScriptedFetcher(body, status)
    return AliyunVerifier(access_key_id="i", access_key_secret="k", clock=MovableClock(), fetcher=fetcher)


def aliyun_face(body: object, status: int = 200) -> AliyunFaceVerifier:
    fetcher = ScriptedFetcher(body, status)
    return AliyunFaceVerifier(
        access_key_id="i", access_key_secret="k", scene_id="1", clock=MovableClock(), fetcher=fetcher
    )


def tencent_name(**fields: object) -> Answer:
    return tencent({"Response": {"RequestId": "r", **fields}}).verify(question())


def tencent_mobile(**fields: object) -> Answer:
    return tencent({"Response": {"RequestId": "r", **fields}}).verify(mobile_question())


def tencent_text(**text: object) -> FaceResult:
    """What comes of a finished comparison, passed but for what `text` says otherwise."""
    passed = {
        "ErrCode": 0,
        "IdCard": "n",
        "Name": "m",
        "Extra": "order",
        "LiveStatus": 0,
        "Comparestatus": 0,
        "Sim": "88.10",
        "UseIDType": 0,
        "CompareLibType": "权威库",
        "LivenessDetail": [{"IsNeedCharge": True}],
    }
    return tencent_face({"Response": {"RequestId": "r", "Text": {**passed, **text}}}).fetch("order.TOKEN")


def aliyun_name(code: object = "200", **result: object) -> Answer:
    return aliyun({"Code": code, "RequestId": "r", "ResultObject": result}).verify(question())


def aliyun_mobile(code: object = "200", **result: object) -> Answer:
    return aliyun({"Code": code, "RequestId": "r", "ResultObject": result}).verify(mobile_question())


def aliyun_result(code: object = "200", *, token: str = "n.abc", **result: object) -> FaceResult:
    return aliyun_face({"Code": code, "RequestId": "r", "ResultObject": result}).fetch(token)
