"""SMS through Tencent Cloud (sms, 2021-01-11, SendSms)."""

import json
from collections.abc import Mapping

from connectors.messaging.answer import rejected_here, result_of_refusal, result_of_status
from connectors.messaging.message import Message, Outcome, SendResult
from connectors.messaging.receipt import Receipt, china_time, read_entries, required_id
from connectors.messaging.vendor_template import VendorTemplate, unfit_for_sms
from idp.core.clock import Clock
from idp.outbound.answer import as_object, plain, read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused, OutboundResponse
from idp.outbound.target import parse_target
from idp.outbound.tencent_signature import CONTENT_TYPE, sign_tencent

ENDPOINT = "https://sms.tencentcloudapi.com"
_VERSION = "2021-01-11"
# Codes are grouped by what stands before the dot. Only these groups say that nothing was sent;
# InternalError, and whatever is invented later, does not.
_REFUSING_GROUPS = frozenset(
    (
        "AuthFailure",
        "FailedOperation",
        "InvalidAction",
        "InvalidParameter",
        "InvalidParameterValue",
        "InvalidRequest",
        "IpInBlacklist",
        "LimitExceeded",
        "MissingParameter",
        "NoSuchVersion",
        "RequestLimitExceeded",
        "RequestSizeLimitExceeded",
        "UnauthorizedOperation",
        "UnknownParameter",
        "UnsupportedOperation",
        "UnsupportedProtocol",
        "UnsupportedRegion",
    )
)


class TencentSmsSender:
    """Sends one SMS per call; the wording is the approved template's."""

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: str,
        sdk_app_id: str,
        sign_name: str,
        templates: Mapping[str, VendorTemplate],
        fetcher: Fetcher,
        clock: Clock,
        region: str = "ap-guangzhou",
        endpoint: str = ENDPOINT,
    ) -> None:
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._sdk_app_id = sdk_app_id
        self._sign_name = sign_name
        self._templates = templates
        self._fetcher = fetcher
        self._clock = clock
        self._region = region
        target = parse_target(endpoint)
        # Signed as the fetcher will send it; the signature also fixes the path to "/".
        self._host = target.host_header
        self._url = f"{target.scheme}://{target.host_header}/"

    def send(self, message: Message) -> SendResult:
        """Try once to hand `message` over; every failure is a result."""
        unfit = unfit_for_sms(message, self._templates)
        if unfit:
            return rejected_here(unfit)
        body = self._body(message)
        signed = sign_tencent(
            secret_id=self._secret_id,
            secret_key=self._secret_key,
            service="sms",
            host=self._host,
            action="SendSms",
            body=body,
            now=self._clock.now(),
        )
        headers = {**signed, "X-TC-Version": _VERSION, "X-TC-Region": self._region}
        try:
            response = self._fetcher.post(self._url, body=body, content_type=CONTENT_TYPE, headers=headers)
        except OutboundRefused as refused:
            return result_of_refusal(refused)
        return _read_answer(response)

    def _body(self, message: Message) -> bytes:
        template = self._templates[message.template]
        return json.dumps(
            {
                "PhoneNumberSet": [message.to],
                "SmsSdkAppId": self._sdk_app_id,
                "SignName": self._sign_name,
                "TemplateId": template.template_id,
                "TemplateParamSet": [message.parameters[name] for name in template.parameters],
                "SessionContext": message.id,
            }
        ).encode()


def _read_answer(response: OutboundResponse) -> SendResult:
    """Errors come with status 200 too, in Response.Error or in the one status of our one number."""
    answer = as_object(read_object(response.body).get("Response"))
    request_id = plain(answer.get("RequestId"))
    if response.status != 200:
        return result_of_status(response, request_id=request_id)
    if "Error" in answer:
        return _refused(plain(as_object(answer["Error"]).get("Code")), request_id)
    statuses = answer.get("SendStatusSet")
    status = as_object(statuses[0]) if isinstance(statuses, list) and len(statuses) == 1 else {}
    code = plain(status.get("Code"))
    if code != "Ok":
        return _refused(code, request_id)
    return SendResult(Outcome.ACCEPTED, code, plain(status.get("SerialNo")), request_id)


def _refused(code: str, request_id: str) -> SendResult:
    certain = code.partition(".")[0] in _REFUSING_GROUPS
    return SendResult(Outcome.REJECTED if certain else Outcome.UNKNOWN, code or "local.answer", request_id=request_id)


def parse_receipts(body: bytes) -> list[Receipt]:
    """Return the receipts of Tencent's "delivery status" callback; raises ReceiptRefused.

    The callback is not signed: its address must hold a secret, and a receipt proves nothing.
    """
    return [
        Receipt(
            provider_message_id=required_id(entry.get("sid")),
            delivered=entry.get("report_status") == "SUCCESS",
            code=plain(entry.get("errmsg")),
            at=china_time(entry.get("user_receive_time")),
        )
        for entry in read_entries(body)
    ]
