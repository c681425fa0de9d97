"""A stand-in for an operator's gateway to the national network identity service: the signed protocol, and its page."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from html import escape

from demo.simulators.exchange import Answered, Asked
from demo.simulators.face_page import simulator_page
from demo.simulators.face_sessions import Choice, FaceSession, FaceSessions
from demo.simulators.people import People, Person

_PAGE_SECONDS = 600
_MODES = {"password": "网证+口令", "face": "网证+人脸", "password_and_face": "网证+口令+人脸"}
_NEEDED = {"begin": {"order", "mode", "return_url", "with_number"}, "result": {"order", "token"}}
_CODES = {
    Choice.PASS: "passed",
    Choice.NOT_ALIKE: "failed",
    Choice.ATTACK: "attack",
    Choice.CANCEL: "cancelled",
    Choice.UNKNOWN: "unknown",
}
_BUTTONS = (
    (Choice.PASS, "出示网证并通过", "Show the credential: pass"),
    (Choice.NOT_ALIKE, "口令或人脸不符", "The password or the face is wrong"),
    (Choice.UNKNOWN, "没有有效的网证", "There is no valid credential"),
    (Choice.ATTACK, "疑似攻击", "Looks like an attack"),
    (Choice.CANCEL, "取消", "Cancel"),
)


class NetworkGateway:
    """Knows one secret and the people given to it, each under a code that another secret would make another.

    `next_code` is the code of the next answer; `mode` is what is said to have been shown, as asked where empty;
    `forged` lets it sign with a secret that is not the gateway's.
    """

    title = "国家网络身份认证公共服务 National network identity service"

    def __init__(self, *, secret: str, people: list[Person]) -> None:
        self._secret = secret
        self._list = people
        self._people = People(people)
        self._seen: set[str] = set()
        self._journeys: dict[str, tuple[str, bool]] = {}
        self.forced: dict[str, str] = {}
        self.next_code = ""
        self.mode = ""
        self.forged = False
        self.faces = FaceSessions(page_seconds=_PAGE_SECONDS)

    def action_of(self, asked: Asked) -> str:
        """Return what is asked for."""
        return asked.path.removeprefix("/v1/")

    def judge(self, asked: Asked, *, for_another: bool = False) -> Answered:
        """Check the signature, its age and the fields, then begin or answer."""
        action, stamp = self.action_of(asked), asked.headers.get("yihao-timestamp", "")
        request_id = asked.headers.get("yihao-request-id", "")
        expected = self._sign("request", action, stamp, request_id, asked.body)
        if not hmac.compare_digest(expected.encode(), asked.headers.get("yihao-signature", "").encode()):
            return Answered(401, {"error": "signature"})
        if re.fullmatch(r"[0-9]{10}", stamp) is None or abs(asked.at - int(stamp)) > 300:
            return Answered(401, {"error": "timestamp"})
        if request_id in self._seen:
            return Answered(401, {"error": "replayed"})
        self._seen.add(request_id)
        given = _read(asked.body)
        if action not in _NEEDED or given is None or set(given) != _NEEDED[action]:
            return Answered(400, {"error": "fields"})
        code, self.next_code = self.next_code, ""
        body = self._begin(given, asked, code) if action == "begin" else self._result(given, asked, code)
        if for_another:
            body = {**body, "order": "another-order"}
        return Answered(200, body)

    def headers_of(self, asked: Asked, content: bytes) -> dict[str, str]:
        """Return the signature of an answer, over the id of the very request."""
        stamp, request_id = str(int(asked.at)), asked.headers.get("yihao-request-id", "")
        signature = self._sign("answer", self.action_of(asked), stamp, request_id, content)
        return {"Yihao-Timestamp": stamp, "Yihao-Signature": signature}

    def page_of(self, session: FaceSession) -> str:
        """Return the page on which one chooses who comes, and what comes of it."""
        mode, with_number = self._journeys[session.token]
        people = "".join(f'<option value="{escape(each.number)}">{escape(each.name)}</option>' for each in self._list)
        chinese = "将提供姓名和公民身份号码" if with_number else "不提供姓名和公民身份号码"
        english = "Name and number are told." if with_number else "Neither name nor number is told."
        buttons = "".join(
            f'<button name="choice" value="{choice}">{text}<br><span lang="en">{translated}</span></button>'
            for choice, text, translated in _BUTTONS
        )
        return simulator_page(
            "网络身份认证（模拟）",
            f'<p>认证方式：{_MODES[mode]}。{chinese}。<br><span lang="en">{english}</span></p>'
            f'<form method="post" action="/face/{escape(session.page)}">'
            f'<input type="hidden" name="token" value="{escape(session.form_token)}">'
            f'<p><label for="number">由谁认证 <span lang="en">Who comes</span></label>'
            f'<select id="number" name="number">{people}</select></p>{buttons}</form>',
            service=self.title,
        )

    def return_address(self, session: FaceSession) -> str:
        """Return where the browser goes afterwards: the address given, as it is."""
        return session.return_url

    def application_id_of(self, number: str) -> str:
        """Return the code of a person for this platform."""
        return hmac.new(self._secret.encode(), f"application {number}".encode(), hashlib.sha256).hexdigest()

    def _begin(self, given: Mapping[str, object], asked: Asked, code: str) -> dict[str, object]:
        order, mode = str(given["order"]), str(given["mode"])
        if code or mode not in _MODES:
            return {"order": order, "code": code or "unavailable"}
        token = hashlib.sha256(f"{self._secret} {order}".encode()).hexdigest()[:32]
        session = FaceSession(
            token=token,
            number="",
            name="",
            return_url=str(given["return_url"]),
            order=order,
            begun_at=asked.at,
            asks_again=True,
        )
        self.faces.add(session)
        self._journeys[token] = (mode, given["with_number"] is True)
        url = f"http://{asked.headers['host']}/face/{session.page}"
        return {"order": order, "code": "begun", "token": token, "url": url, "life_seconds": _PAGE_SECONDS}

    def _result(self, given: Mapping[str, object], asked: Asked, code: str) -> dict[str, object]:
        session = self.faces.with_token(str(given["token"]))
        if session is None or session.order != given["order"]:
            return {"order": given["order"], "code": "expired"}
        if session.choice is None:
            is_over = asked.at - session.begun_at > _PAGE_SECONDS
            return {"order": session.order, "code": code or ("expired" if is_over else "unfinished")}
        code = code or _CODES[session.choice]
        if code != "passed":
            return {"order": session.order, "code": code}
        mode, with_number = self._journeys[session.token]
        person = self._people.with_number(session.number) or self._list[0]
        told: dict[str, object] = {"number": person.number, "name": person.name} if with_number else {}
        told |= {"order": session.order, "code": code, "mode": self.mode or mode}
        return {**told, "application_id": self.application_id_of(person.number)}

    def _sign(self, direction: str, action: str, stamp: str, request_id: str, body: bytes) -> str:
        secret = "forged" if direction == "answer" and self.forged else self._secret
        signed = f"{direction}.{action}.{stamp}.{request_id}.".encode() + body
        return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _read(body: bytes) -> dict[str, object] | None:
    try:
        given = json.loads(body)
    except ValueError:
        return None
    return given if isinstance(given, dict) else None
