"""The load against a tiny server: flows are walked over kept connections, and losses are told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from bench.load import Plan, run_load, walk
from bench.walker import Step


class Provider(BaseHTTPRequestHandler):
    """Gives codes and takes each once."""

    protocol_version = "HTTP/1.1"
    codes: ClassVar[set[str]] = set()
    taken: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        if self.path.startswith("/gone"):
            self.close_connection = True
            return
        code = self.path.rpartition("=")[2]
        self.codes.add(code)
        self._answer(303, b"", f"https://client.example/?code={code}")

    def do_POST(self) -> None:
        code = self.rfile.read(int(self.headers["Content-Length"])).decode().partition("=")[2]
        self.codes.remove(code)
        self.taken.append(code)
        self._answer(200, b'{"id_token":"x"}')

    def _answer(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Provider.codes.clear()
    Provider.taken.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


AUTHORIZE = Step(
    "GET", "/a?n={unique}", {"Host": "x"}, statuses=(303,), captures={"code": ("location", "code=([^&]+)")}
)
TOKEN = Step("POST", "/t", {"Host": "x"}, "code={code}", must="id_token", books="redeemed")


def test_passes_in_processes(port: int) -> None:
    """Every account gets its turn in processes of their own, and what was captured comes back."""
    plan = Plan(port, (AUTHORIZE, TOKEN), [[{}, {}], [{}]], passes=2)
    tally = run_load(plan, processes=2)
    assert (tally.flows, tally.bad, tally.requests) == (6, 0, 12), tally.sample
    assert tally.acknowledged == {"redeemed": 6}
    assert len(Provider.taken) == len(set(Provider.taken)) == 6
    assert all(account["code"] in Provider.taken for accounts in plan.connections for account in accounts)


def test_a_flow_that_was_begun_is_ended(port: int) -> None:
    """Time that is over from the start still lets the first flow end: no code is left behind."""
    connections = walk(Plan(port, (AUTHORIZE, TOKEN), [[{}], [{}]], seconds=0))
    assert [each.walker.tally.flows for each in connections] == [1, 1]
    assert Provider.codes == set()


def test_a_closed_connection(port: int) -> None:
    """An answer that never comes is bad and unanswered, and the walk goes on over a new connection."""
    gone = Step("GET", "/gone", {"Host": "x"}, books="redeemed")
    (connection,) = walk(Plan(port, (gone,), [[{}]], passes=2))
    tally = connection.walker.tally
    assert (tally.flows, tally.bad, tally.unanswered) == (0, 2, {"redeemed": 2})
