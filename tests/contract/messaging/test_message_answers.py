"""How a provider's words become an outcome."""

import json

import pytest

from connectors.messaging.aliyun_sms import AliyunSmsSender
from connectors.messaging.message import Outcome
from connectors.messaging.tencent_sms import TencentSmsSender
from connectors.messaging.vendor_template import VendorTemplate
from connectors.messaging.webhook import WebhookSender
from idp.outbound.fetcher import OutboundReason, OutboundRefused, OutboundResponse
from tests.contract.messaging.conftest import MovableClock, make_message


class ScriptedFetcher:
    """Answers every request with one answer."""

    def __init__(self, status: int, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.response = OutboundResponse(status=status, headers={}, body=content)

    def post(self, url: str, *, body: bytes, content_type: str, headers: dict[str, str]) -> OutboundResponse:
        return self.response


def send_by(kind: str, fetcher: object):
    templates = {"registration_code": VendorTemplate("T", ("code",))}
    clock = MovableClock()
    if kind == "tencent":
        sender = TencentSmsSender(
            secret_id="i",
            secret_key="k",
            sdk_app_id="1",
            sign_name="s",
            templates=templates,
            fetcher=fetcher,
            clock=clock,
        )
    elif kind == "aliyun":
        sender = AliyunSmsSender(
            access_key_id="i",
            access_key_secret="k",
            sign_name="s",
            templates=templates,
            fetcher=fetcher,
            clock=clock,
        )
    else:
        sender = WebhookSender(url="https://a.example/", secret="k", fetcher=fetcher, clock=clock)
    return sender.send(make_message("m1"))


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("AuthFailure.SignatureFailure", Outcome.REJECTED),
        ("LimitExceeded.PhoneNumberDailyLimit", Outcome.REJECTED),
        ("FailedOperation.InsufficientBalanceInSmsPackage", Outcome.REJECTED),
        ("RequestLimitExceeded", Outcome.REJECTED),
        ("InternalError.Timeout", Outcome.UNKNOWN),
        ("InternalError", Outcome.UNKNOWN),
        ("InventedTomorrow", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
        ("sent to 13900000000 ", Outcome.UNKNOWN),
    ],
)
def test_tencents_codes(code: str, outcome: Outcome) -> None:
    """Only code groups known to refuse mean that nothing was sent, in either place of the answer."""
    in_error = {"Response": {"Error": {"Code": code, "Message": "13900000000"}, "RequestId": "r"}}
    in_status = {"Response": {"SendStatusSet": [{"Code": code, "SerialNo": ""}], "RequestId": "r"}}
    for body in (in_error, in_status):
        result = send_by("tencent", ScriptedFetcher(200, body))
        assert (result.outcome, result.request_id) == (outcome, "r")
        assert "13900000000" not in repr(result)


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (200, "isv.BUSINESS_LIMIT_CONTROL", Outcome.REJECTED),
        (200, "isp.RAM_PERMISSION_DENY", Outcome.REJECTED),
        (200, "isp.SYSTEM_ERROR", Outcome.UNKNOWN),
        (200, "InventedTomorrow", Outcome.UNKNOWN),
        (400, "SignatureDoesNotMatch", Outcome.REJECTED),
        (400, "Throttling.User", Outcome.REJECTED),
        (503, "ServiceUnavailable", Outcome.UNKNOWN),
        (500, "OK", Outcome.UNKNOWN),
        (408, "", Outcome.UNKNOWN),
    ],
)
def test_alibabas_codes(status: int, code: str, outcome: Outcome) -> None:
    """isv codes and client errors mean that nothing was sent; isp and server errors mean nothing."""
    result = send_by("aliyun", ScriptedFetcher(status, {"Code": code, "RequestId": "r", "Message": "13900000000"}))
    assert result.outcome is outcome
    assert result.provider_code == (code or f"http.{status}")
    assert "13900000000" not in repr(result)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ACCEPTED),
        (204, Outcome.ACCEPTED),
        (409, Outcome.ACCEPTED),
        (400, Outcome.REJECTED),
        (404, Outcome.REJECTED),
        (429, Outcome.REJECTED),
        (408, Outcome.UNKNOWN),
        (500, Outcome.UNKNOWN),
        (502, Outcome.UNKNOWN),
        (600, Outcome.UNKNOWN),
    ],
)
def test_the_webhooks_statuses(status: int, outcome: Outcome) -> None:
    """2xx and 409 are taken, other 4xx are refused, all else is unknown."""
    assert send_by("webhook", ScriptedFetcher(status, b"")).outcome is outcome


@pytest.mark.parametrize("kind", ["tencent", "aliyun"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        {"Response": []},
        {"Response": {"SendStatusSet": []}},
        {"Response": {"SendStatusSet": [{"Code": "Ok"}, {"Code": "Ok"}]}},
        {"Response": {"Error": "x"}},
        {"Code": 200},
    ],
)
def test_unreadable_answers_are_unknown(kind: str, body: object) -> None:
    """An answer that is not of the documented form is no refusal."""
    assert send_by(kind, ScriptedFetcher(200, body)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("kind", ["tencent", "aliyun", "webhook"])
@pytest.mark.parametrize("is_sent", [False, True])
def test_a_fetchers_refusal_is_judged_by_what_was_sent(kind: str, is_sent: bool) -> None:
    """The same refusal is a rejection before the request was sent, and unknown after it."""

    class Refusing:
        def post(self, *_arguments: object, **_more: object) -> OutboundResponse:
            raise OutboundRefused(OutboundReason.REDIRECT, request_sent=is_sent)

    result = send_by(kind, Refusing())
    assert result.outcome is (Outcome.UNKNOWN if is_sent else Outcome.REJECTED)
    assert result.provider_code == "local.redirect"
