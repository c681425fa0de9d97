"""SMS through Alibaba Cloud (Dysmsapi, 2017-05-25, SendSms)."""

import json
from collections.abc import Mapping

from connectors.messaging.answer import rejected_here, result_of_refusal, result_of_status
from connectors.messaging.message import Message, Outcome, SendResult
from connectors.messaging.receipt import Receipt, china_time, read_entries, required_id
from connectors.messaging.vendor_template import VendorTemplate, unfit_for_sms
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.outbound.aliyun_signature import canonical_query, sign_aliyun
from idp.outbound.answer import plain, read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused, OutboundResponse
from idp.outbound.target import parse_target

ENDPOINT = "https://dysmsapi.aliyuncs.com"
_VERSION = "2017-05-25"
_CONTENT_TYPE = "application/x-www-form-urlencoded"


class AliyunSmsSender:
    """Sends one SMS per call; the wording is the approved template's."""

    def __init__(
        self,
        *,
        access_key_id: str,
        access_key_secret: str,
        sign_name: str,
        templates: Mapping[str, VendorTemplate],
        fetcher: Fetcher,
        clock: Clock,
        endpoint: str = ENDPOINT,
    ) -> None:
        self._access_key_id = access_key_id
        self._access_key_secret = access_key_secret
        self._sign_name = sign_name
        self._templates = templates
        self._fetcher = fetcher
        self._clock = clock
        target = parse_target(endpoint)
        # Signed as the fetcher will send it; the signature also fixes the path to "/".
        self._host = target.host_header
        self._url = f"{target.scheme}://{target.host_header}/"

    def send(self, message: Message) -> SendResult:
        """Try once to hand `message` over; every failure is a result."""
        unfit = unfit_for_sms(message, self._templates)
        if unfit:
            return rejected_here(unfit)
        # The API's own description places its parameters in the query, as its SDKs do; the fetcher
        # never names a query in an error.
        query = canonical_query(self._parameters(message))
        headers = sign_aliyun(
            access_key_id=self._access_key_id,
            access_key_secret=self._access_key_secret,
            host=self._host,
            action="SendSms",
            version=_VERSION,
            query=query,
            body=b"",
            content_type=_CONTENT_TYPE,
            # The API has no idempotence of its own: a nonce that serves once is what keeps a
            # request repeated by the network from becoming a second message.
            nonce=new_id(),
            now=self._clock.now(),
        )
        try:
            response = self._fetcher.post(
                f"{self._url}?{query}",
                body=b"",
                content_type=_CONTENT_TYPE,
                headers={**headers, "Accept": "application/json"},
            )
        except OutboundRefused as refused:
            return result_of_refusal(refused)
        return _read_answer(response)

    def _parameters(self, message: Message) -> dict[str, str]:
        template = self._templates[message.template]
        values = {name: message.parameters[name] for name in template.parameters}
        return {
            # Within China eleven digits, elsewhere country code and number, both without the plus.
            "PhoneNumbers": message.to.removeprefix("+86").removeprefix("+"),
            "SignName": self._sign_name,
            "TemplateCode": template.template_id,
            "TemplateParam": json.dumps(values),
            "OutId": message.id,
        }


def _read_answer(response: OutboundResponse) -> SendResult:
    answer = read_object(response.body)
    code = plain(answer.get("Code"))
    request_id = plain(answer.get("RequestId"))
    if response.status != 200:
        return result_of_status(response, code=code, request_id=request_id)
    if code == "OK":
        return SendResult(Outcome.ACCEPTED, code, plain(answer.get("BizId")), request_id)
    # isv.*: the caller's fault or limit (isv.BUSINESS_LIMIT_CONTROL), refused before sending.
    # isp.*: the platform's own trouble, which says nothing about the message.
    certain = code.startswith("isv.") or code == "isp.RAM_PERMISSION_DENY"
    return SendResult(Outcome.REJECTED if certain else Outcome.UNKNOWN, code or "local.answer", request_id=request_id)


def parse_receipts(body: bytes) -> list[Receipt]:
    """Return the receipts of Alibaba's SmsReport push; raises ReceiptRefused.

    The push is not signed: its address must hold a secret, and a receipt proves nothing.
    """
    return [
        Receipt(
            provider_message_id=required_id(entry.get("biz_id")),
            delivered=entry.get("success") is True,
            code=plain(entry.get("err_code")),
            at=china_time(entry.get("report_time")),
        )
        for entry in read_entries(body)
    ]
