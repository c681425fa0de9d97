"""A card reader at a counter, with made-up cards: it enrols itself once, asks the provider, and signs what it reads.

Run `python -m demo.simulators.card_reader --port 5004 < settings.json`. The settings are `issuer`, `folder` (where the
key is kept), `cards` (objects with the members of `Card`), and `code`, the one-time code, where it is not enrolled.
"""

import argparse
import hmac
import json
import secrets
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from demo.simulators.cards import Card, chip_serial, photo_block, text_block
from demo.simulators.reader_device import ProviderRefused, Question, ReaderDevice
from demo.simulators.reader_page import FIELDS, Shown, State, notice, reader_page

POLL_SECONDS = 1.0
_MAX_BODY = 8 * 1024
#: What the page goes on showing until the next question.
_ENDS = (State.READ, State.REFUSED)
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
}


class CardReader:
    """The reader: which card lies on it, and what came of the last question."""

    def __init__(self, device: ReaderDevice, cards: Sequence[Card]) -> None:
        self.device = device
        self.cards = tuple(cards)
        self.form_token = secrets.token_urlsafe(16)
        self._lock = threading.Lock()
        self._lying: Card | None = None
        self._state = State.IDLE
        self._problem = ""

    def lay(self, card: Card | None) -> None:
        """Put a card on the reader in place of the one that lies there, or take it away."""
        with self._lock:
            self._lying = card

    def shown(self) -> Shown:
        """Return what the page shows now."""
        with self._lock:
            return Shown(self._state, self._problem, self.cards, self._lying, self.form_token, self.device.thumbprint)

    def ask_once(self) -> None:
        """Ask the provider, and answer it if a card lies here; what goes wrong is shown on the page."""
        try:
            question = self.device.wanted()
            if question is not None:
                self._answer(question)
            elif self.shown().state not in _ENDS:
                self._tell(State.IDLE)
        except ProviderRefused as refused:
            self._tell(_state_of(refused.problem), refused.problem)

    def enrol(self, code: str) -> None:
        """Enrol the reader; what goes wrong is shown on the page."""
        try:
            self.device.enrol(code)
        except ProviderRefused as refused:
            self._tell(State.NOT_ENROLLED, refused.problem)

    def _answer(self, question: Question) -> None:
        card = self.shown().lying
        if card is None:
            self._tell(State.NO_CARD)
            return
        self.device.answer(question, block=text_block(card), photo=photo_block(card), chip=chip_serial(card))
        self._tell(State.READ)

    def _tell(self, state: State, problem: str = "") -> None:
        with self._lock:
            self._state, self._problem = state, problem


def _state_of(problem: str) -> State:
    if problem in ("invalid-token", "not-enrolled"):
        return State.NOT_ENROLLED
    return State.UNREACHABLE if problem[:1].isupper() or problem.startswith("status") else State.REFUSED


class CardReaderSimulator:
    """The reader with its page on one port of 127.0.0.1; port 0 picks a free one."""

    def __init__(self, reader: CardReader, *, port: int = 0) -> None:
        self.reader = reader
        self._stopped = threading.Event()
        simulator = self

        class Handler(_Handler):
            owner = simulator

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Serve the page in a thread until `stop`; the caller asks by `reader.ask_once`."""
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def serve(self) -> None:
        """Serve the page and ask the provider each second, until interrupted."""
        threading.Thread(target=self._poll, daemon=True).start()
        self._server.serve_forever()

    def stop(self) -> None:
        """Stop both."""
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def take_form(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Carry out what was chosen on the page; return a status and a page, empty for going back to it."""
        reader = self.reader
        if not hmac.compare_digest(form.get("token", "").encode(), reader.form_token.encode()):
            return 403, notice("请从页面提交。", "Please send the form of the page itself.")
        if path == "/typed":
            number, name, latin_name, first, last = (form.get(field, "").strip() for field, *_ in FIELDS)
            reader.lay(Card(number, name, latin_name, first, last))
            return 303, ""
        chosen = form.get("card", "")
        if chosen == "none":
            reader.lay(None)
        elif chosen.isascii() and chosen.isdigit() and int(chosen) < len(reader.cards):
            reader.lay(reader.cards[int(chosen)])
        elif chosen != "typed-again":
            return 400, notice("没有这张卡。", "There is no such card.")
        return 303, ""

    def _poll(self) -> None:
        while not self._stopped.wait(POLL_SECONDS):
            self.reader.ask_once()


class _Handler(BaseHTTPRequestHandler):
    owner: CardReaderSimulator

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._write(200, "ok")
        elif self.path == "/":
            self._write(200, reader_page(self.owner.reader.shown()))
        else:
            self._write(404, notice("没有这个页面。", "There is no such page."))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY:
            self._write(413, notice("内容太长。", "Too long."))
            return
        form = dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"), keep_blank_values=True))
        if self.path in ("/card", "/typed"):
            self._write(*self.owner.take_form(self.path, form))
        else:
            self._write(404, notice("没有这个页面。", "There is no such page."))

    def _write(self, status: int, content: str) -> None:
        raw = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html;charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in _PAGE_HEADERS.items():
            self.send_header(name, value)
        if status == 303:
            self.send_header("Location", "/")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a form holds what stands on a card."""


def main() -> None:
    """Play a reader, with its settings as JSON on standard input."""
    parser = argparse.ArgumentParser(description="Plays a card reader at a counter.")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    settings = json.load(sys.stdin)
    device = ReaderDevice(issuer=settings["issuer"], folder=Path(settings["folder"]))
    cards = [Card(**{**card, "note": tuple(card.get("note", ("", "")))}) for card in settings["cards"]]
    reader = CardReader(device, cards)
    if not device.is_enrolled:
        reader.enrol(settings["code"])
    simulator = CardReaderSimulator(reader, port=arguments.port)
    print(f"the reader's page is at {simulator.url}", flush=True)
    simulator.serve()


if __name__ == "__main__":
    main()
