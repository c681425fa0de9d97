"""Each source of `kinds` beside its stand-in, or on its own database, on one clock that stands still."""

import http.client
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

import pytest

from demo.simulators.verification import VerificationSimulator
from demo.simulators.verification_service import Fault
from idp.core.clock import Clock
from realname.providers.verifier import FaceVerifier, Verifier
from tests.contract.realname.kinds import FACES, SECRET, SOURCES, FaceKind, RegisterKind, VerifierKind, make_fetcher
from tests.contract.realname.register_source import RegisterSource
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import open_house

Kind = TypeVar("Kind", VerifierKind, FaceKind)
Made = TypeVar("Made", Verifier, FaceVerifier)


class MovableClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        # In China it is already the next day: signatures must count in UTC.
        self.instant = datetime(2026, 2, 28, 20, 30, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def move(self, **duration: float) -> None:
        self.instant += timedelta(**duration)


@dataclass
class Pair(Generic[Kind, Made]):
    """A stand-in, and what makes verifiers for it."""

    name: str
    kind: Kind
    simulator: VerificationSimulator
    clock: MovableClock
    #: Ways to answer badly, the good one first.
    faults = (Fault.NONE, Fault.ERROR, Fault.DROP, Fault.GARBAGE, Fault.REPLAY)

    def verifier(self, *, secret: str = SECRET, clock: Clock | None = None, timeout: float = 5, url: str = "") -> Made:
        return self.kind.verifier(
            url or self.simulator.url,
            secret=secret,
            clock=clock or self.clock,
            fetcher=make_fetcher(total_timeout_seconds=timeout),
        )

    @property
    def asked(self) -> int:
        """How often the source was asked."""
        return len(self.simulator.ledger)

    def suffer(self, fault: Fault) -> None:
        """Answer badly, until another way is chosen."""
        self.simulator.fault = fault

    def break_down(self) -> None:
        """Answer nothing until further notice."""
        self.suffer(Fault.ERROR)

    def recover(self) -> None:
        """Answer again."""
        self.suffer(Fault.NONE)

    @contextmanager
    def late(self) -> Iterator[Made]:
        """Give a verifier whose service answers later than it is waited for."""
        self.suffer(Fault.HANG)
        yield self.verifier(timeout=0.3)
        assert self.simulator.wait_for_requests(1)

    @property
    def actions(self) -> list[str]:
        """What the service was asked for, in order."""
        return [request.action for request in self.simulator.ledger]


def pairs(kind: Any, name: str, clock: MovableClock) -> Iterator[Pair]:
    simulator = VerificationSimulator(kind.service(), now=lambda: clock.now().timestamp())
    simulator.start()
    yield Pair(name, kind, simulator, clock)
    simulator.stop()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(params=sorted(SOURCES))
def pair(
    request: pytest.FixtureRequest, clock: MovableClock, tmp_path: Path
) -> Iterator[Pair[VerifierKind, Verifier] | RegisterSource]:
    """Each source; a test of what not all of them promise names its own by `kinds.promising`."""
    kind = SOURCES[request.param]
    if isinstance(kind, RegisterKind):
        with open_house(request, kind.setup, tmp_path / "data", FrozenClock(), {}) as house:
            source = RegisterSource(kind, house)
            with source.counting():
                yield source
    else:
        yield from pairs(kind, request.param, clock)


@pytest.fixture(params=sorted(FACES))
def faces(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Pair[FaceKind, FaceVerifier]]:
    yield from pairs(FACES[request.param], request.param, clock)


@pytest.fixture
def unused_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@dataclass(frozen=True)
class Fetched:
    status: int
    location: str
    content: str


@pytest.fixture
def browse() -> Callable[..., Fetched]:
    """A browser without scripts: GET an address, or POST a form to it."""

    def fetch(url: str, form: dict[str, str] | None = None) -> Fetched:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = None if form is None else urlencode(form)
        connection.request("GET" if form is None else "POST", parts.path, body=body, headers=headers)
        with connection.getresponse() as response:
            fetched = Fetched(response.status, response.getheader("Location", ""), response.read().decode())
        connection.close()
        return fetched

    return fetch


@pytest.fixture
def choose(browse: Callable[..., Fetched]) -> Callable[..., Fetched]:
    """Let a person choose what comes of a comparison, on the page at `url`."""

    def act(url: str, choice: str, **typed: str) -> Fetched:
        page = browse(url)
        token = re.search(r'name="token" value="([^"]+)"', page.content)
        assert token is not None
        return browse(url, {"token": token[1], "choice": choice, **typed})

    return act
