"""What a backend of the short-lived store must do; one contract suite runs over all of them."""

from typing import Protocol


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

    def ping(self) -> None:
        """Raise StoreUnavailable when the backend cannot be reached."""

    def close(self) -> None:
        """Let go of connections."""
