"""A stand-in for Alibaba Cloud SMS: Dysmsapi 2017-05-25 SendSms with ACS3-HMAC-SHA256."""

import json
import re
import uuid
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

from demo.simulators.aliyun_signature import Signatures
from demo.simulators.exchange import Answered, Asked, ReceiptPost, Taken, recent

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
        self._signatures = Signatures(access_key_id=access_key_id, access_key_secret=access_key_secret)
        self._sign_name = sign_name
        self._templates = templates

    def judge(self, asked: Asked, ledger: list[Taken]) -> Answered:
        """Check signature, action, signature text, template and limits, in the order of the real one."""
        status, problem = self._signatures.problem(asked)
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
