"""What a backend of the short-lived store must do; one contract suite runs over all of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Epoch:
    """A time in which the backend forgot nothing and brought nothing back; `id` names it, `since` begins it."""

    id: str
    since: datetime


class Backend(Protocol):
    """Bytes under a text key with a life in seconds; every call is atomic by itself."""

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store `value`, replacing what was there."""

    def get(self, key: str) -> bytes | None:
        """Return the live value, or None."""

    def take(self, key: str) -> bytes | None:
        """Return the live value and remove it; of two callers at once only one gets it."""

    def update(self, key: str, expected: bytes, value: bytes) -> bool:
        """Replace `expected` by `value`, keeping the remaining life; False where it is no longer `expected`."""

    def add_once(self, key: str, value: bytes, seconds: int) -> bool:
        """Store where nothing lives under the key yet; of two callers at once only one gets True."""

    def delete(self, key: str) -> None:
        """Remove the key, present or not."""

    def increment(self, key: str, seconds: int) -> int:
        """Count one more under the key and return the new count; the life starts with the first."""

    def epoch(self, key: str) -> Epoch:
        """Return the epoch that every call about `key` answered so far belongs to, the last one included.

        Where several servers share the entries each part of them has epochs of its own. A flush, a restore and a
        restart each begin one: what was there may be gone, or be there again.
        """

    def ping(self) -> None:
        """Raise StoreUnavailable when the backend cannot be reached."""

    def close(self) -> None:
        """Let go of connections."""
