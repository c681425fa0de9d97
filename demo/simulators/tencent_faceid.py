"""A stand-in for Tencent Cloud's faceid (2018-03-01): number, name, mobile, card dates, face."""

import json
import uuid
from collections.abc import Callable, Mapping
from urllib.parse import quote

from demo.simulators.exchange import Answered, Asked
from demo.simulators.face_page import face_page
from demo.simulators.face_sessions import Choice, FaceSession, FaceSessions
from demo.simulators.people import People, Person, is_mobile, is_name, is_number
from demo.simulators.tencent_signature import signature_problem

# Of each action: what it needs, and what it may have beside.
_PARAMETERS = {
    "IdCardVerification": ({"IdCard", "Name"}, {"Encryption"}),
    "CheckIdNameDate": ({"IdCard", "Name", "ValidityBegin", "ValidityEnd"}, {"Encryption"}),
    "PhoneVerification": ({"IdCard", "Name", "Phone"}, {"VerifyMode", "CiphertextBlob", "EncryptList", "Iv"}),
    "DetectAuth": ({"RuleId"}, {"TerminalType", "IdCard", "Name", "RedirectUrl", "Extra", "ImageBase64", "Encryption"}),
    "GetDetectInfoEnhanced": (
        {"BizToken", "RuleId"},
        {"InfoType", "BestFramesCount", "IsCutIdCardImage", "IsNeedIdCardAvatar", "IsEncrypt", "Encryption"},
    ),
}
_PAGE_SECONDS = 7200
_RESULT_SECONDS = 3 * 24 * 3600
# ErrCode, LiveStatus, Comparestatus, Sim, LivenessInfoTag, and whether the try is charged.
_ENDS: dict[Choice, tuple[int, int, int, str, list[str], bool]] = {
    Choice.PASS: (0, 0, 0, "92.71", [], True),
    Choice.NOT_ALIKE: (2016, 0, 2016, "41.02", [], True),
    Choice.ATTACK: (1002, 1002, 0, "0.00", ["03"], False),
}


class TencentFaceid:
    """Knows one key pair, one rule and the people given to it.

    `forced` holds a code for a number, `next_code` one for the next request: a figure is the result, words are a
    refusal.
    """

    title = "腾讯云慧眼 Tencent Cloud faceid"

    def __init__(self, *, secret_id: str, secret_key: str, rule_id: str, people: list[Person]) -> None:
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._rule_id = rule_id
        self._people = People(people)
        self.forced: dict[str, str] = {}
        self.next_code = ""
        self.faces = FaceSessions(page_seconds=_PAGE_SECONDS)

    def action_of(self, asked: Asked) -> str:
        """Return what is asked for."""
        return asked.headers.get("x-tc-action", "")

    def judge(self, asked: Asked, *, for_another: bool = False) -> Answered:
        """Check signature, version, action and parameters, in the order of the real one, and look the person up."""
        problem = signature_problem(asked, secret_id=self._secret_id, secret_key=self._secret_key, service="faceid")
        if problem:
            return _refusal(problem)
        if asked.headers.get("x-tc-version") != "2018-03-01":
            return _refusal("NoSuchVersion")
        action = self.action_of(asked)
        if action not in _PARAMETERS:
            return _refusal("InvalidAction")
        given = _read(asked.body)
        if given is None:
            return _refusal("InvalidParameter")
        needed, allowed = _PARAMETERS[action]
        if set(given) - needed - allowed:
            return _refusal("UnknownParameter")
        if not all(given.get(name) for name in needed):
            return _refusal("MissingParameter")
        code, self.next_code = self.next_code or self.forced.get(given.get("IdCard", ""), ""), ""
        if code and not code.lstrip("-").isdigit():
            return _refusal(code)
        if action == "DetectAuth":
            return self._begin(given, asked)
        if action == "GetDetectInfoEnhanced":
            return self._result(given, asked, code, for_another=for_another)
        return self._compare(action, given, code)

    def _compare(self, action: str, given: Mapping[str, str], code: str) -> Answered:
        rules: dict[str, Callable[[Mapping[str, str]], str]] = {
            "IdCardVerification": self._name_result,
            "CheckIdNameDate": self._card_result,
            "PhoneVerification": self._mobile_result,
        }
        result = code or rules[action](given)
        fields = {"Result": result, "Description": "simulated"}
        if action == "PhoneVerification":
            fields |= {"Isp": "移动" if result == "0" else "", "ResultDetail": ""}
        return _answer(fields)

    def _name_result(self, given: Mapping[str, str]) -> str:
        if not is_number(given["IdCard"]):
            return "-2"
        if not is_name(given["Name"]):
            return "-3"
        person = self._people.with_number(given["IdCard"])
        if person is None:
            return "-5"
        return "0" if person.name == given["Name"] else "-1"

    def _card_result(self, given: Mapping[str, str]) -> str:
        begin, end = given["ValidityBegin"], given["ValidityEnd"]
        if not all(len(day) == 8 and day.isdigit() for day in (begin, end)):
            return "-4"
        result = self._name_result(given)
        if result == "-5":
            return "-7"
        person = self._people.with_number(given["IdCard"])
        if result != "0" or person is None:
            return result
        return "0" if (person.valid_from, person.valid_until) == (begin, end) else "-1"

    def _mobile_result(self, given: Mapping[str, str]) -> str:
        if not is_mobile(given["Phone"]):
            return "-6"
        if not is_number(given["IdCard"]):
            return "-7"
        if not is_name(given["Name"]):
            return "-8"
        holder = self._people.with_mobile(given["Phone"])
        if holder is None:
            return "-9"
        return "0" if (holder.number, holder.name) == (given["IdCard"], given["Name"]) else "-4"

    def _begin(self, given: Mapping[str, str], asked: Asked) -> Answered:
        if given["RuleId"] != self._rule_id:
            return _refusal("InvalidParameterValue.RuleIdNotExist")
        if not is_number(given.get("IdCard", "")):
            return _refusal("FailedOperation.IdFormatError")
        if not is_name(given.get("Name", "")):
            return _refusal("FailedOperation.NameFormatError")
        if max(len(given.get("RedirectUrl", "")), len(given.get("Extra", ""))) > 1024:
            return _refusal("InvalidParameterValue")
        session = FaceSession(
            token=str(uuid.uuid4()).upper(),
            number=given["IdCard"],
            name=given["Name"],
            return_url=given.get("RedirectUrl", ""),
            order=given.get("Extra", ""),
            begun_at=asked.at,
        )
        self.faces.add(session)
        return _answer({"BizToken": session.token, "Url": f"http://{asked.headers['host']}/face/{session.page}"})

    def _result(self, given: Mapping[str, str], asked: Asked, code: str, *, for_another: bool) -> Answered:
        if given["RuleId"] != self._rule_id:
            return _refusal("InvalidParameterValue.RuleIdNotExist")
        session = self.faces.with_token(given["BizToken"])
        if session is None:
            return _refusal("InvalidParameterValue.BizTokenIllegal")
        if asked.at - session.begun_at > _RESULT_SECONDS:
            return _refusal("InvalidParameterValue.BizTokenExpired")
        text = self._text(session, code, for_another=for_another) if "1" in given.get("InfoType", "0") else None
        return _answer({"Text": text, "IdCardData": None, "BestFrame": None, "VideoData": None, "Encryption": None})

    def _text(self, session: FaceSession, code: str, *, for_another: bool) -> dict[str, object]:
        shown = (self._people.other_than(session.number) if for_another else None) or session
        text: dict[str, object] = {"ErrCode": None, "ErrMsg": None, "IdCard": shown.number, "Name": shown.name}
        text |= {"Extra": session.order, "LiveStatus": None, "Comparestatus": None, "Sim": None, "LivenessDetail": []}
        if session.choice not in _ENDS:
            return text
        verdict, alive, alike, similarity, tags, is_charged = _ENDS[session.choice]
        if verdict == 0:
            verdict = alike = int(code or self.forced.get(session.number) or self._face_problem(session))
        text |= {"ErrCode": verdict, "ErrMsg": "simulated", "LiveStatus": alive, "Comparestatus": alike}
        text |= {"Sim": similarity, "LivenessInfoTag": tags, "CompareLibType": "权威库", "LivenessMode": 4}
        text |= {"UseIDType": 1 if session.number[:2] in ("81", "82", "83") else 0}
        text["LivenessDetail"] = [{"Errcode": verdict, "IsNeedCharge": is_charged, "Livestatus": alive}]
        return text

    def _face_problem(self, session: FaceSession) -> int:
        person = self._people.with_number(session.number)
        if person is None:
            return 2005
        return 0 if person.name == session.name else 2006

    def page_of(self, session: FaceSession) -> str:
        """Return the page of a comparison."""
        return face_page(session, service=self.title)

    def headers_of(self, _asked: Asked, _content: bytes) -> Mapping[str, str]:
        """Nothing: its answers are not signed."""
        return {}

    def return_address(self, session: FaceSession) -> str:
        """Return where the browser goes afterwards: the address given, with the BizToken."""
        joint = "&" if "?" in session.return_url else "?"
        return f"{session.return_url}{joint}BizToken={quote(session.token)}"


def _read(body: bytes) -> dict[str, str] | None:
    try:
        given = json.loads(body)
    except ValueError:
        return None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        return None
    return given


def _answer(fields: Mapping[str, object]) -> Answered:
    return Answered(200, {"Response": {**fields, "RequestId": str(uuid.uuid4())}})


def _refusal(code: str) -> Answered:
    """Refusals too are answered with status 200."""
    return _answer({"Error": {"Code": code, "Message": "refused by the simulator"}})
