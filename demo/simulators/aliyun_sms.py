"""A stand-in for Alibaba Cloud SMS: Dysmsapi 2017-05-25 SendSms with ACS3-HMAC-SHA256."""

import hashlib
import hmac
import json
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote

from demo.simulators.exchange import Answered, Asked, ReceiptPost, Taken, recent

_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=([^, ]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})"
)
_NUMBER = re.compile(r"(?:\+?86|0086)?1[0-9]{10}|[1-9][0-9]{6,14}")
# One a minute, five an hour, ten a day for one signature and number.
_LIMITS = ((60, 1), (3600, 5), (86400, 10))
_BEIJING = timezone(timedelta(hours=8))


class AliyunSms:
    """Knows one key pair, one signature text, and the parameter names of each template."""

    def __init__(
        self,
        *,
        access_key_id: str,
        access_key_secret: str,
        sign_name: str,
        templates: dict[str, frozenset[str]],
    ) -> None:
        self._access_key_id = access_key_id
        self._access_key_secret = access_key_secret
        self._sign_name = sign_name
        self._templates = templates
        self._nonces: set[str] = set()

    def judge(self, asked: Asked, ledger: list[Taken]) -> Answered:
        """Check signature, action, signature text, template and limits, in the order of the real one."""
        status, problem = self._signature_problem(asked)
        if problem:
            return _answer(status, problem)
        if asked.headers.get("x-acs-version") != "2017-05-25":
            return _answer(400, "InvalidVersion")
        if asked.headers.get("x-acs-action") != "SendSms":
            return _answer(404, "InvalidAction.NotFound")
        given = dict(parse_qsl(asked.query, keep_blank_values=True))
        if asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            given.update(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
        problem = self._parameter_problem(given)
        if problem:
            return _answer(200, problem)
        to = given["PhoneNumbers"]
        if any(recent(ledger, to, at=asked.at, seconds=seconds) >= most for seconds, most in _LIMITS):
            return _answer(200, "isv.BUSINESS_LIMIT_CONTROL")
        taken = Taken(
            provider_id=f"{uuid.uuid4().int % 10**18}^0",
            caller_id=given.get("OutId", ""),
            to=to,
            template=given["TemplateCode"],
            parameters=json.loads(given.get("TemplateParam", "{}")),
            at=asked.at,
        )
        return _answer(200, "OK", taken)

    def _signature_problem(self, asked: Asked) -> tuple[int, str]:
        headers = asked.headers
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            return 400, "IncompleteSignature"
        key_id, names, signature = found.groups()
        if key_id != self._access_key_id:
            return 404, "InvalidAccessKeyId.NotFound"
        if self._is_expired(headers.get("x-acs-date", ""), asked.at):
            return 400, "InvalidTimeStamp.Expired"
        signed = names.split(";")
        due = {name for name in headers if name in ("host", "content-type") or name.startswith("x-acs-")}
        if signed != sorted(signed) or set(signed) != due:
            return 400, "IncompleteSignature"
        digest = hashlib.sha256(asked.body).hexdigest()
        if headers.get("x-acs-content-sha256") != digest:
            return 400, "SignatureDoesNotMatch"
        pairs = sorted(parse_qsl(asked.query, keep_blank_values=True))
        query = "&".join(quote(name, safe="~") + "=" + quote(value, safe="~") for name, value in pairs)
        request_text = "\n".join([asked.method, asked.path, query])
        request_text += "\n" + "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
        request_text += "\n" + names + "\n" + digest
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request_text.encode()).hexdigest()
        expected = hmac.new(self._access_key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            return 400, "SignatureDoesNotMatch"
        nonce = headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in self._nonces:
            return 400, "SignatureNonceUsed"
        self._nonces.add(nonce)
        return 200, ""

    @staticmethod
    def _is_expired(stamp: str, now: float) -> bool:
        if re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", stamp) is None:
            return True
        try:
            at = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            return True
        return abs(now - at.timestamp()) > 900

    def _parameter_problem(self, given: dict[str, str]) -> str:
        if _NUMBER.fullmatch(given.get("PhoneNumbers", "")) is None:
            return "isv.MOBILE_NUMBER_ILLEGAL"
        if given.get("SignName") != self._sign_name:
            return "isv.SMS_SIGNATURE_ILLEGAL"
        if given.get("TemplateCode") not in self._templates:
            return "isv.SMS_TEMPLATE_ILLEGAL"
        try:
            parameters = json.loads(given.get("TemplateParam", "{}"))
        except ValueError:
            return "isv.INVALID_JSON_PARAM"
        if not isinstance(parameters, dict) or not all(isinstance(value, str) for value in parameters.values()):
            return "isv.INVALID_JSON_PARAM"
        if not self._templates[given["TemplateCode"]] <= set(parameters):
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        return ""

    def receipts(self, messages: list[Taken], *, delivered: bool, at: float) -> ReceiptPost:
        """Return the SmsReport push; Alibaba does not sign it."""
        moment = f"{datetime.fromtimestamp(at, _BEIJING):%Y-%m-%d %H:%M:%S}"
        report = [
            {
                "phone_number": taken.to,
                "send_time": moment,
                "report_time": moment,
                "success": delivered,
                "err_code": "DELIVERED" if delivered else "UNDELIVRD",
                "err_msg": "用户接收成功" if delivered else "用户接收失败",
                "sms_size": "1",
                "biz_id": taken.provider_id,
                "out_id": taken.caller_id,
            }
            for taken in messages
        ]
        return ReceiptPost(json.dumps(report, ensure_ascii=False).encode())


def _answer(status: int, code: str, taken: Taken | None = None) -> Answered:
    body = {"Code": code, "Message": "OK" if taken else "refused by the simulator"}
    body["RequestId"] = str(uuid.uuid4()).upper()
    if taken:
        body["BizId"] = taken.provider_id
    return Answered(status, body, taken)
