"""A server that plays a verification service, with control calls to make it behave badly.

Run `python -m demo.simulators.verification tencent --port 9311 < settings.json`; the settings are the keyword
arguments of the service's class, `people` a list of objects. Control calls, for tests and the demo's operator:

    GET  /control/requests                                  what was asked for, without the people
    POST /control/fault  {"fault": "none"}                  see `Fault`
    POST /control/force  {"number": "…", "code": "-1"}      the result for a number; without it, of the next request
    POST /control/reset                                     no requests, no fault, nothing forced
"""

import argparse
import hmac
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from demo.simulators import browser_script
from demo.simulators.aliyun_cloudauth import AliyunCloudauth
from demo.simulators.exchange import Answered, Asked
from demo.simulators.face_page import face_notice
from demo.simulators.face_sessions import Choice
from demo.simulators.network_gateway import NetworkGateway
from demo.simulators.people import Person
from demo.simulators.tencent_faceid import TencentFaceid
from demo.simulators.verification_service import Fault, Page, Request, VerificationService

MAX_BODY = 64 * 1024
# Without a charset: Tencent's own client looks for refusals under no other type.
_JSON = "application/json"


class VerificationSimulator:
    """One service on one port of 127.0.0.1; port 0 picks a free one."""

    def __init__(self, service: VerificationService, *, port: int = 0, now: Callable[[], float] = time.time) -> None:
        self.service = service
        self.now = now
        self.ledger: list[Request] = []
        self.fault = Fault.NONE
        self.stopped = threading.Event()
        self._booked = threading.Condition()
        self._last: tuple[bytes, Mapping[str, str]] = (b"{}", {})
        simulator = self

        class Handler(_Handler):
            owner = simulator

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        # A handler that hangs on purpose must not hold up the end of the server.
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def serve(self) -> None:
        """Serve until interrupted."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Stop serving and release handlers that hang."""
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for_requests(self, count: int, *, timeout_seconds: float = 5) -> bool:
        """Wait until at least `count` requests came; False when the time is over."""
        with self._booked:
            return self._booked.wait_for(lambda: len(self.ledger) >= count, timeout_seconds)

    def answer(self, asked: Asked) -> tuple[Fault, int, bytes, Mapping[str, str]]:
        """Judge and book under one lock, as nonces and forced codes need."""
        with self._booked:
            fault = self.fault
            answered = self.service.judge(asked, for_another=fault is Fault.ANOTHER_PERSON)
            self.ledger.append(Request(self.service.action_of(asked), asked, answered))
            self._booked.notify_all()
            content = json.dumps(answered.body, ensure_ascii=False).encode()
            answer = (content, self.service.headers_of(asked, content))
            before, self._last = self._last, answer
            return (fault, answered.status, *(before if fault is Fault.REPLAY else answer))

    def page(self, asked: Asked) -> Page:
        """Show a face's page, or take what the person chose there."""
        with self._booked:
            session = self.service.faces.with_page(asked.path.removeprefix("/face/"))
            if session is None:
                return self._notice(404, "没有这个页面", "There is no such page.")
            if self.service.faces.is_over(session, at=asked.at):
                return self._notice(410, "此页面已失效", "This page was used already, or is too old.")
            if asked.method == "GET":
                return Page(200, self.service.page_of(session))
            form = dict(parse_qsl(asked.body.decode("utf-8", "replace")))
            if not hmac.compare_digest(form.get("token", "").encode(), session.form_token.encode()):
                return self._notice(403, "请从页面提交", "Please send the form of the page itself.")
            if form.get("choice", "") not in list(Choice):
                return self._notice(400, "请选择一个结果", "Please choose what comes of it.")
            number, name = form.get("number", ""), form.get("name", "")
            done = self.service.faces.choose(session, Choice(form["choice"]), number=number, name=name)
            return Page(303, location=self.service.return_address(done))

    def _notice(self, status: int, chinese: str, english: str) -> Page:
        return Page(status, face_notice(chinese, english, service=self.service.title))

    def control(self, method: str, path: str, body: dict[str, Any]) -> Answered:
        """Carry out a control call."""
        with self._booked:
            if (method, path) == ("GET", "/control/requests"):
                return Answered(
                    200, {"requests": [{"action": each.action, "at": each.asked.at} for each in self.ledger]}
                )
            if (method, path) == ("POST", "/control/fault"):
                self.fault = Fault(body["fault"])
                return Answered(200, {"fault": self.fault})
            if (method, path) == ("POST", "/control/force"):
                self.force(str(body["code"]), number=str(body.get("number", "")))
                return Answered(200, {})
            if (method, path) == ("POST", "/control/reset"):
                self.ledger.clear()
                self.service.forced.clear()
                self.service.next_code = ""
                self.fault = Fault.NONE
                return Answered(200, {})
            return Answered(404, {"error": "no such control call"})

    def force(self, code: str, *, number: str = "") -> None:
        """Let a number, or without one the next request, have this code."""
        if number:
            self.service.forced[number] = code
        else:
            self.service.next_code = code


class _Handler(BaseHTTPRequestHandler):
    owner: VerificationSimulator

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self._write(413, b"{}")
            return
        body = self.rfile.read(length)
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, path, query, headers, body, self.owner.now())
        if path.startswith("/control/"):
            self._control(asked)
        elif path == "/healthz":
            self._write(200, b"{}")
        elif path == browser_script.PATH:
            # Only with this may a page of another origin compare its digest (Subresource Integrity §3.3).
            headers = {"Access-Control-Allow-Origin": "*"}
            self._write(200, browser_script.SCRIPT.encode(), content_type="text/javascript", headers=headers)
        elif path.startswith("/face/"):
            self._page(self.owner.page(asked))
        else:
            self._answer(*self.owner.answer(asked))

    def _answer(self, fault: Fault, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        if fault is Fault.HANG:
            self.owner.stopped.wait()
        if fault in (Fault.HANG, Fault.DROP):
            self.close_connection = True
        elif fault is Fault.ERROR:
            self._write(500, b'{"Code":"InternalError"}')
        elif fault is Fault.GARBAGE:
            self._write(200, b"<html>")
        elif fault is Fault.TRUNCATED:
            self._write(status, content[: len(content) // 2], announced=len(content), headers=headers)
            self.close_connection = True
        else:
            self._write(status, content, headers=headers)

    def _page(self, page: Page) -> None:
        headers = {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        }
        if page.location:
            headers["Location"] = page.location
        self._write(page.status, page.content.encode(), content_type="text/html;charset=utf-8", headers=headers)

    def _control(self, asked: Asked) -> None:
        try:
            answered = self.owner.control(asked.method, asked.path, json.loads(asked.body or b"{}"))
        except (ValueError, KeyError) as error:
            answered = Answered(400, {"error": type(error).__name__})
        self._write(answered.status, json.dumps(answered.body, ensure_ascii=False).encode())

    def _write(
        self,
        status: int,
        content: bytes,
        *,
        content_type: str = _JSON,
        announced: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content) if announced is None else announced))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the request line may hold a number."""


_KINDS: dict[str, Callable[..., VerificationService]] = {
    "tencent": TencentFaceid,
    "aliyun": AliyunCloudauth,
    "network": NetworkGateway,
}


def _service(kind: str, settings: dict[str, Any]) -> VerificationService:
    settings["people"] = [Person(**person) for person in settings["people"]]
    return _KINDS[kind](**settings)


def main() -> None:
    """Serve one service, with its settings as JSON on standard input."""
    parser = argparse.ArgumentParser(description="Plays a verification service.")
    parser.add_argument("kind", choices=sorted(_KINDS))
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    simulator = VerificationSimulator(_service(arguments.kind, json.load(sys.stdin)), port=arguments.port)
    print(f"{arguments.kind} answers at {simulator.url}", flush=True)
    simulator.serve()


if __name__ == "__main__":
    main()
