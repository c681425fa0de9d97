"""The backend for tests of other rooms: one process, nothing survives it."""

import threading

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.storage.short_lived.backend import Epoch


class MemoryBackend:
    """A dict under a lock."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, tuple[bytes, float]] = {}
        self._epoch = Epoch(new_id(), clock.now())

    def _live(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None or entry[1] <= self._now():
            self._entries.pop(key, None)
            return None
        return entry[0]

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """See Backend.put."""
        with self._lock:
            self._entries[key] = (value, self._now() + seconds)

    def get(self, key: str) -> bytes | None:
        """See Backend.get."""
        with self._lock:
            return self._live(key)

    def take(self, key: str) -> bytes | None:
        """See Backend.take."""
        with self._lock:
            value = self._live(key)
            self._entries.pop(key, None)
            return value

    def update(self, key: str, expected: bytes, value: bytes) -> bool:
        """See Backend.update."""
        with self._lock:
            if self._live(key) != expected:
                return False
            self._entries[key] = (value, self._entries[key][1])
            return True

    def add_once(self, key: str, value: bytes, seconds: int) -> bool:
        """See Backend.add_once."""
        with self._lock:
            if self._live(key) is not None:
                return False
            self._entries[key] = (value, self._now() + seconds)
            return True

    def delete(self, key: str) -> None:
        """See Backend.delete."""
        with self._lock:
            self._entries.pop(key, None)

    def increment(self, key: str, seconds: int) -> int:
        """See Backend.increment."""
        with self._lock:
            count = int(self._live(key) or b"0") + 1
            ends = self._entries[key][1] if count > 1 else self._now() + seconds
            self._entries[key] = (str(count).encode(), ends)
            return count

    def epoch(self, key: str) -> Epoch:
        """See Backend.epoch."""
        return self._epoch

    def ping(self) -> None:
        """See Backend.ping."""

    def close(self) -> None:
        """See Backend.close."""
