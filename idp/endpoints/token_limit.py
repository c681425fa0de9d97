"""How often one client may ask for tokens.

Counted in this process, in whole minutes: a count shared between workers would cost every token request a
round trip. Each worker therefore gets its share of the limit, and further hosts add theirs.
"""

import threading

from clients.client import Client
from idp.core.clock import Clock
from idp.core.oauth_errors import RateLimited

_WINDOW_SECONDS = 60


class TokenLimit:
    """Counts token requests of authenticated clients; `per_minute` 0 means no limit."""

    def __init__(self, *, clock: Clock, per_minute: int, workers: int) -> None:
        self._clock = clock
        self._most = max(1, per_minute // workers) if per_minute else 0
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, client: Client) -> None:
        """Count one request; raises RateLimited beyond the limit.

        Public clients are not counted: anybody may send their id, and could use up what is theirs.
        """
        if self._most == 0 or not client.is_confidential:
            return
        now = self._clock.epoch()
        with self._lock:
            if now // _WINDOW_SECONDS != self._window:
                self._window, self._counts = now // _WINDOW_SECONDS, {}
            counted = self._counts.get(client.client_id, 0) + 1
            self._counts[client.client_id] = counted
        if counted > self._most:
            raise RateLimited(retry_after_seconds=_WINDOW_SECONDS - now % _WINDOW_SECONDS)
