"""A stand-in for Alibaba Cloud's cloudauth (2019-03-07): number, name, mobile, face."""

import json
import re
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from demo.simulators.aliyun_signature import Signatures
from demo.simulators.exchange import Answered, Asked
from demo.simulators.face_page import face_page
from demo.simulators.face_sessions import Choice, FaceSession, FaceSessions
from demo.simulators.people import People, Person, is_mobile, is_name, is_number

_NEEDED = {
    "Id2MetaVerify": {"ParamType", "IdentifyNum", "UserName"},
    "Mobile3MetaDetailVerify": {"ParamType", "IdentifyNum", "UserName", "Mobile"},
    "InitFaceVerify": {"SceneId", "OuterOrderNo", "ProductCode", "CertType", "CertName", "CertNo", "MetaInfo"},
    "DescribeFaceVerify": {"SceneId", "CertifyId"},
}
_PAGE_SECONDS = 1800
_RESULT_SECONDS = 24 * 3600
_ORDER = re.compile(r"[A-Za-z0-9]{32}")
_SUB_CODES = {Choice.PASS: "200", Choice.NOT_ALIKE: "204", Choice.ATTACK: "205"}
# What the browser is told on its way back; nobody may rely on it.
_RETURN_CODES = {Choice.PASS: 1000, Choice.NOT_ALIKE: 2006, Choice.ATTACK: 2006, Choice.CANCEL: 1003}


class AliyunCloudauth:
    """Knows one key pair, one scene and the people given to it.

    `forced` holds a code for a number, `next_code` one for the next request. Codes of results have one or three
    figures below 400; greater ones and words are refusals, and words are the gateway's.
    """

    title = "阿里云实人认证 Alibaba Cloud cloudauth"

    def __init__(self, *, access_key_id: str, access_key_secret: str, scene_id: str, people: list[Person]) -> None:
        self._signatures = Signatures(access_key_id=access_key_id, access_key_secret=access_key_secret)
        self._scene_id = scene_id
        self._people = People(people)
        self.forced: dict[str, str] = {}
        self.next_code = ""
        self.faces = FaceSessions(page_seconds=_PAGE_SECONDS)

    def action_of(self, asked: Asked) -> str:
        """Return what is asked for."""
        return asked.headers.get("x-acs-action", "")

    def judge(self, asked: Asked, *, for_another: bool = False) -> Answered:
        """Check signature, version, action and parameters, in the order of the real one, and look the person up."""
        status, problem = self._signatures.problem(asked)
        if problem:
            return _answer(problem, status=status)
        if asked.headers.get("x-acs-version") != "2019-03-07":
            return _answer("InvalidVersion", status=400)
        action = self.action_of(asked)
        if action not in _NEEDED:
            return _answer("InvalidAction.NotFound", status=404)
        given = dict(parse_qsl(asked.query, keep_blank_values=True))
        if asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            given.update(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
        number = given.get("IdentifyNum") or given.get("CertNo", "")
        code, self.next_code = self.next_code or self.forced.get(number, ""), ""
        if code and not code.isdigit():
            return _answer(code, status=400)
        if len(code) == 3 and code >= "400":
            return _answer(code)
        if not all(given.get(name) for name in _NEEDED[action]):
            return _answer("400")
        if action == "InitFaceVerify":
            return self._begin(given, asked)
        if action == "DescribeFaceVerify":
            return self._result(given, asked, code, for_another=for_another)
        return self._compare(given, code)

    def _compare(self, given: Mapping[str, str], code: str) -> Answered:
        mobile = given.get("Mobile")
        is_fit = given["ParamType"] == "normal" and is_number(given["IdentifyNum"]) and is_name(given["UserName"])
        if not is_fit or (mobile is not None and not is_mobile(mobile)):
            return _answer("401")
        if mobile is None:
            return _answer("200", {"BizCode": code or self._name_result(given)})
        sub_code = code or self._mobile_result(given, mobile)
        network = {"IspName": "CMCC"} if sub_code != "301" else {}
        return _answer("200", {"BizCode": sub_code[0], "SubCode": sub_code, **network})

    def _name_result(self, given: Mapping[str, str]) -> str:
        person = self._people.with_number(given["IdentifyNum"])
        if person is None:
            return "3"
        return "1" if person.name == given["UserName"] else "2"

    def _mobile_result(self, given: Mapping[str, str], mobile: str) -> str:
        holder = self._people.with_mobile(mobile)
        if holder is None:
            return "301"
        is_name_right, is_number_right = holder.name == given["UserName"], holder.number == given["IdentifyNum"]
        return {(True, True): "101", (False, False): "201", (True, False): "202", (False, True): "203"}[
            is_name_right, is_number_right
        ]

    def _begin(self, given: Mapping[str, str], asked: Asked) -> Answered:
        if given["SceneId"] != self._scene_id:
            return _answer("404")
        is_fit = (
            (given["ProductCode"], given["CertType"]) == ("ID_PRO", "IDENTITY_CARD")
            and _ORDER.fullmatch(given["OuterOrderNo"])
            and is_number(given["CertNo"])
            and is_name(given["CertName"])
            and given.get("RarelyCharacters", "N") in ("Y", "N")
        )
        if not is_fit:
            return _answer("401")
        if not _is_browser(given["MetaInfo"]):
            return _answer("414")
        session = FaceSession(
            token=uuid.uuid4().hex,
            number=given["CertNo"],
            name=given["CertName"],
            return_url=given.get("ReturnUrl", ""),
            begun_at=asked.at,
            asks_again=given.get("RarelyCharacters") == "Y",
        )
        self.faces.add(session)
        url = f"http://{asked.headers['host']}/face/{session.page}"
        return _answer("200", {"CertifyId": session.token, "CertifyUrl": url})

    def _result(self, given: Mapping[str, str], asked: Asked, code: str, *, for_another: bool) -> Answered:
        session = self.faces.with_token(given["CertifyId"])
        if given["SceneId"] != self._scene_id:
            return _answer("404")
        if session is None or asked.at - session.begun_at > _RESULT_SECONDS:
            return _answer("406")
        if session.choice not in _SUB_CODES:
            return _answer("424")
        sub_code = _SUB_CODES[session.choice]
        if sub_code == "200":
            sub_code = code or self.forced.get(session.number) or self._face_problem(session)
        shown = (self._people.other_than(session.number) if for_another else None) or session
        fields = {
            "Passed": "T" if sub_code in ("200", "210") else "F",
            "SubCode": sub_code,
            "IdentityInfo": "null",
            "MaterialInfo": json.dumps({"faceAttack": "T" if sub_code == "205" else "F"}),
            "UserInfo": _user_info(shown.number, shown.name, whoever=for_another) if session.asks_again else "",
        }
        return _answer("200", fields)

    def _face_problem(self, session: FaceSession) -> str:
        person = self._people.with_number(session.number)
        if person is None:
            return "202"
        return "200" if person.name == session.name else "201"

    def page_of(self, session: FaceSession) -> str:
        """Return the page of a comparison."""
        return face_page(session, service=self.title)

    def headers_of(self, _asked: Asked, _content: bytes) -> Mapping[str, str]:
        """Nothing: its answers are not signed."""
        return {}

    def return_address(self, session: FaceSession) -> str:
        """Return where the browser goes afterwards: the address given, with a JSON `response`."""
        code = _RETURN_CODES[session.choice or Choice.CANCEL]
        told = json.dumps({"code": code, "extInfo": {"certifyId": session.token}})
        joint = "&" if "?" in session.return_url else "?"
        return f"{session.return_url}{joint}response={quote(told, safe='')}"


def _user_info(number: str, name: str, *, whoever: bool) -> str:
    """Return what was typed in the mode for rare characters: as documented nothing where the name has none."""
    try:
        name.encode("gbk")
    except UnicodeEncodeError:
        whoever = True
    return json.dumps({"name": name, "verifyName": name, "number": number}, ensure_ascii=False) if whoever else ""


def _is_browser(meta_info: str) -> bool:
    try:
        told = json.loads(meta_info)
    except ValueError:
        return False
    return isinstance(told, dict) and str(told.get("deviceType", "")).lower() in ("h5", "web")


def _answer(code: str, fields: Mapping[str, object] | None = None, *, status: int = 200) -> Answered:
    body: dict[str, object] = {"Code": code, "Message": "success" if code == "200" else "refused by the simulator"}
    body["RequestId"] = str(uuid.uuid4()).upper()
    if fields is not None:
        body["ResultObject"] = fields
    return Answered(status, body)
