"""A server that plays a message provider, with control calls to make it behave badly.

Run `python -m demo.simulators.messaging tencent --port 9301 < settings.json`; the settings are the
keyword arguments of the provider's class. Control calls, for tests and the demo's operator:

    GET  /control/messages                                       the ledger
    POST /control/mood     {"mood": "normal"}                    see `Mood`
    POST /control/receipts {"url": "http://…", "delivered": true}  report on everything taken
    POST /control/reset                                          empty ledger, normal mood
"""

import argparse
import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from demo.simulators.aliyun_sms import AliyunSms
from demo.simulators.exchange import Answered, Asked, Provider, Taken
from demo.simulators.message_webhook import MessageWebhook
from demo.simulators.tencent_sms import TencentSms

MAX_BODY = 64 * 1024


class Mood(StrEnum):
    """How the provider answers what it has judged."""

    NORMAL = "normal"
    ERROR = "error"  # status 500, nothing taken
    ERROR_AFTER_TAKING = "error_after_taking"
    HANG_AFTER_TAKING = "hang_after_taking"
    DROP_AFTER_TAKING = "drop_after_taking"
    GARBAGE_AFTER_TAKING = "garbage_after_taking"


class MessagingSimulator:
    """One provider on one port of 127.0.0.1; port 0 picks a free one."""

    def __init__(self, provider: Provider, *, port: int = 0, now: Callable[[], float] = time.time) -> None:
        self.provider = provider
        self.now = now
        self.ledger: list[Taken] = []
        self.mood = Mood.NORMAL
        self.booked = threading.Condition()
        self.stopped = threading.Event()
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

    def answer(self, asked: Asked) -> tuple[Mood, Answered]:
        """Judge and book under one lock, as limits and repeated ids need."""
        with self.booked:
            if self.mood is Mood.ERROR:
                return self.mood, Answered(500, {"Code": "InternalError"})
            answered = self.provider.judge(asked, self.ledger)
            if answered.taken is None:
                return Mood.NORMAL, answered
            self.ledger.append(answered.taken)
            self.booked.notify_all()
            if self.mood is Mood.ERROR_AFTER_TAKING:
                return self.mood, Answered(500, {"Code": "InternalError"})
            return self.mood, answered

    def wait_for_messages(self, count: int, *, timeout_seconds: float = 5) -> bool:
        """Wait until at least `count` messages were taken; False when the time is over."""
        with self.booked:
            return self.booked.wait_for(lambda: len(self.ledger) >= count, timeout_seconds)

    def control(self, method: str, path: str, body: dict[str, Any]) -> Answered:
        """Carry out a control call."""
        if (method, path) == ("GET", "/control/messages"):
            return Answered(200, {"messages": [asdict(taken) for taken in self.ledger]})
        if (method, path) == ("POST", "/control/mood"):
            self.mood = Mood(body["mood"])
            return Answered(200, {"mood": self.mood})
        if (method, path) == ("POST", "/control/receipts"):
            return Answered(200, {"status": self.send_receipts(body["url"], delivered=body["delivered"])})
        if (method, path) == ("POST", "/control/reset"):
            with self.booked:
                self.ledger.clear()
                self.mood = Mood.NORMAL
            return Answered(200, {})
        return Answered(404, {"error": "no such control call"})

    def send_receipts(self, url: str, *, delivered: bool) -> int:
        """Post a report on everything taken to `url`; return the status answered."""
        post = self.provider.receipts(list(self.ledger), delivered=delivered, at=self.now())
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        try:
            headers = {"Content-Type": "application/json", **post.headers}
            connection.request("POST", parts.path or "/", body=post.body, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    owner: MessagingSimulator

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
        if path.startswith("/control/"):
            self._control(path, body)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, path, query, headers, body, self.owner.now())
        mood, answered = self.owner.answer(asked)
        if mood is Mood.HANG_AFTER_TAKING:
            self.owner.stopped.wait()
        if mood in (Mood.HANG_AFTER_TAKING, Mood.DROP_AFTER_TAKING):
            self.close_connection = True
            return
        content = json.dumps(answered.body, ensure_ascii=False).encode()
        self._write(answered.status, b"<html>" if mood is Mood.GARBAGE_AFTER_TAKING else content)

    def _control(self, path: str, body: bytes) -> None:
        try:
            answered = self.owner.control(self.command, path, json.loads(body or b"{}"))
        except (ValueError, KeyError, OSError) as error:
            answered = Answered(400, {"error": type(error).__name__})
        self._write(answered.status, json.dumps(answered.body, ensure_ascii=False).encode())

    def _write(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the request line may hold a number."""


def _provider(kind: str, settings: dict[str, Any]) -> Provider:
    if kind == "tencent":
        return TencentSms(**settings)
    if kind == "aliyun":
        templates = {code: frozenset(names) for code, names in settings.pop("templates").items()}
        return AliyunSms(**settings, templates=templates)
    return MessageWebhook(**settings)


def main() -> None:
    """Serve one provider, with its settings as JSON on standard input."""
    parser = argparse.ArgumentParser(description="Plays a message provider.")
    parser.add_argument("kind", choices=["tencent", "aliyun", "webhook"])
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    simulator = MessagingSimulator(_provider(arguments.kind, json.load(sys.stdin)), port=arguments.port)
    print(f"{arguments.kind} answers at {simulator.url}", flush=True)
    simulator.serve()


if __name__ == "__main__":
    main()
