"""What a simulated verification service is, what it was asked, and how it may misbehave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from demo.simulators.exchange import Answered, Asked
from demo.simulators.face_sessions import FaceSession, FaceSessions


class Fault(StrEnum):
    """How the service answers what it has judged."""

    NONE = "none"
    ERROR = "error"  # status 500
    HANG = "hang"
    DROP = "drop"  # the connection is cut
    GARBAGE = "garbage"
    TRUNCATED = "truncated"  # half of what was announced
    REPLAY = "replay"  # the answer before, of whatever action
    ANOTHER_PERSON = "another_person"  # a face's result, for somebody else


class VerificationService(Protocol):
    """The rules of one service; the server keeps the ledger and the faults."""

    title: str
    forced: dict[str, str]
    next_code: str
    faces: FaceSessions

    def action_of(self, asked: Asked) -> str:
        """Return what is asked for."""
        ...

    def judge(self, asked: Asked, *, for_another: bool = False) -> Answered:
        """Return the answer; the same request judged twice may differ (nonces)."""
        ...

    def page_of(self, session: FaceSession) -> str:
        """Return the page to which a browser was sent."""
        ...

    def headers_of(self, asked: Asked, content: bytes) -> Mapping[str, str]:
        """Return the fields that go with an answer, where the service signs its answers."""
        ...

    def return_address(self, session: FaceSession) -> str:
        """Return where the browser goes from a face's page."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the service, whatever it answered."""

    action: str
    asked: Asked = field(repr=False)
    answered: Answered = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser gets: a page, or another address."""

    status: int
    content: str = ""
    location: str = ""
