"""A stand-in for Tencent Cloud SMS: SendSms 2021-01-11 with TC3-HMAC-SHA256."""

import json
import re
import uuid
from datetime import datetime, timedelta, timezone

from demo.simulators.exchange import Answered, Asked, ReceiptPost, Taken, recent
from demo.simulators.tencent_signature import signature_problem

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_LIMITS = (
    (30, 1, "LimitExceeded.PhoneNumberThirtySecondLimit"),
    (3600, 5, "LimitExceeded.PhoneNumberOneHourLimit"),
    (86400, 10, "LimitExceeded.PhoneNumberDailyLimit"),
)
_BEIJING = timezone(timedelta(hours=8))


class TencentSms:
    """Knows one key pair, one application, one signature text, and how many parameters a template has."""

    def __init__(
        self, *, secret_id: str, secret_key: str, sdk_app_id: str, sign_name: str, templates: dict[str, int]
    ) -> None:
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._sdk_app_id = sdk_app_id
        self._sign_name = sign_name
        self._templates = templates

    def judge(self, asked: Asked, ledger: list[Taken]) -> Answered:
        """Check signature, action, application, template and limits, in the order of the real one."""
        problem = signature_problem(
            asked, secret_id=self._secret_id, secret_key=self._secret_key, service="sms"
        ) or self._request_problem(asked)
        if problem:
            return _error(problem)
        try:
            body = json.loads(asked.body)
        except ValueError:
            return _error("InvalidParameter")
        problem = self._body_problem(body)
        if problem:
            return _error(problem)
        to = body["PhoneNumberSet"][0]
        code = "" if _NUMBER.fullmatch(to) else "InvalidParameterValue.IncorrectPhoneNumber"
        for seconds, most, limit in _LIMITS:
            if not code and recent(ledger, to, at=asked.at, seconds=seconds) >= most:
                code = limit
        if code:
            return _status(code, "", to, body)
        taken = Taken(
            provider_id=f"2028:{uuid.uuid4().hex}",
            caller_id=body.get("SessionContext", ""),
            to=to,
            template=body["TemplateId"],
            parameters=body["TemplateParamSet"],
            at=asked.at,
        )
        return _status("Ok", taken.provider_id, to, body, taken)

    def _request_problem(self, asked: Asked) -> str:
        if asked.headers.get("x-tc-version") != "2021-01-11":
            return "NoSuchVersion"
        if asked.headers.get("x-tc-action") != "SendSms":
            return "InvalidAction"
        if not asked.headers.get("x-tc-region"):
            return "MissingParameter"
        return ""

    def _body_problem(self, body: dict[str, object]) -> str:
        if set(body) - {
            "PhoneNumberSet",
            "SmsSdkAppId",
            "TemplateId",
            "SignName",
            "TemplateParamSet",
            "ExtendCode",
            "SessionContext",
            "SenderId",
        }:
            return "UnknownParameter"
        if body.get("SmsSdkAppId") != self._sdk_app_id:
            return "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
        if body.get("SignName") != self._sign_name:
            return "FailedOperation.SignatureIncorrectOrUnapproved"
        if body.get("TemplateId") not in self._templates:
            return "FailedOperation.TemplateIncorrectOrUnapproved"
        parameters = body.get("TemplateParamSet", [])
        wanted = self._templates[str(body["TemplateId"])]
        if not isinstance(parameters, list) or len(parameters) != wanted:
            return "InvalidParameterValue.TemplateParameterFormatError"
        numbers = body.get("PhoneNumberSet")
        if not isinstance(numbers, list) or len(numbers) != 1 or not isinstance(numbers[0], str):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        return ""

    def receipts(self, messages: list[Taken], *, delivered: bool, at: float) -> ReceiptPost:
        """Return the "delivery status" callback; Tencent does not sign it."""
        report = [
            {
                "user_receive_time": f"{datetime.fromtimestamp(at, _BEIJING):%Y-%m-%d %H:%M:%S}",
                "nationcode": "86",
                "mobile": taken.to.removeprefix("+86"),
                "report_status": "SUCCESS" if delivered else "FAIL",
                "errmsg": "DELIVRD" if delivered else "UNDELIV",
                "description": "用户短信送达成功" if delivered else "用户短信送达失败",
                "sid": taken.provider_id,
            }
            for taken in messages
        ]
        return ReceiptPost(json.dumps(report, ensure_ascii=False).encode())


def _error(code: str) -> Answered:
    """Errors too are answered with status 200."""
    error = {"Code": code, "Message": "refused by the simulator"}
    return Answered(200, {"Response": {"Error": error, "RequestId": str(uuid.uuid4())}})


def _status(code: str, serial: str, to: str, body: dict[str, object], taken: Taken | None = None) -> Answered:
    status = {
        "SerialNo": serial,
        "PhoneNumber": to,
        "Fee": 1 if taken else 0,
        "SessionContext": body.get("SessionContext", ""),
        "Code": code,
        "Message": "send success" if taken else "refused by the simulator",
        "IsoCode": "CN",
    }
    return Answered(200, {"Response": {"SendStatusSet": [status], "RequestId": str(uuid.uuid4())}}, taken)
