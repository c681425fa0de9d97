"""What a simulated message provider is asked, what it answers, and what it remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request; header names are lower case, `at` is the simulator's clock in epoch seconds."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that the provider took: its own id, the caller's, and what would be delivered."""

    provider_id: str
    caller_id: str
    to: str
    template: str
    parameters: Any
    at: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A JSON answer, and the message that was taken, if one was."""

    status: int
    body: Mapping[str, Any]
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class ReceiptPost:
    """A delivery report as the provider would post it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """The rules of one provider; the server keeps the ledger and the moods."""

    def judge(self, asked: Asked, ledger: list[Taken]) -> Answered:
        """Return the answer; the same request judged twice may differ (limits, nonces)."""
        ...

    def receipts(self, messages: list[Taken], *, delivered: bool, at: float) -> ReceiptPost:
        """Return the report on these messages."""
        ...


def recent(ledger: list[Taken], to: str, *, at: float, seconds: float) -> int:
    """Return how many messages `to` got within the last `seconds`."""
    return sum(1 for taken in ledger if taken.to == to and at - taken.at < seconds)
