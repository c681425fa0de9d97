"""A circuit breaker: a service that failed several times in a row is left alone for a while.

In the process: each worker finds out by itself, and none waits for another.
"""

from datetime import datetime
from threading import Lock

from idp.core.clock import Clock, seconds


class Breaker:
    """Opens after `failures` in a row, for `pause_seconds`; then one question tries whether the service is back."""

    def __init__(self, *, failures: int, pause_seconds: int, clock: Clock) -> None:
        self._failures = failures
        self._pause = seconds(pause_seconds)
        self._clock = clock
        self._lock = Lock()
        self._in_a_row = 0
        self._open_until: datetime | None = None

    def lets_through(self) -> bool:
        """Tell whether the service may be asked now; whoever is told so says afterwards how it went."""
        with self._lock:
            if self._open_until is None:
                return True
            now = self._clock.now()
            if now < self._open_until:
                return False
            # One goes ahead; if it is never heard of again, the next may go after another pause.
            self._open_until = now + self._pause
            return True

    def note(self, *, has_answered: bool) -> None:
        """Say whether the service answered."""
        with self._lock:
            if has_answered:
                self._in_a_row, self._open_until = 0, None
                return
            self._in_a_row += 1
            if self._in_a_row >= self._failures:
                self._open_until = self._clock.now() + self._pause
