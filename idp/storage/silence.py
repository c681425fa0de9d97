"""Whether a store is silent: once somebody waited for it in vain, nobody else does until it answers again.

A refused connection tells at once and costs nothing. A store that takes connections and says nothing would
hold every request for the whole patience, one after another, and with them the answer of the readiness page.
A connection from before its end may have been forgotten on the way, by a firewall: nobody uses it any more.
"""

import threading
from collections.abc import Callable

import structlog

_EVERY_SECONDS = 0.5
_log = structlog.get_logger("idp.storage")


class Silence:
    """One store's silence; a thread of its own listens while it lasts.

    `answers` asks the store within a bounded time and tells whether anything came back, a refusal included:
    from then on requests find out for themselves. It is called on that thread alone.
    """

    __slots__ = ("_answers", "_every_seconds", "_lock", "_over", "_store", "ended", "holds")

    def __init__(self, store: str, *, answers: Callable[[], bool], every_seconds: float = _EVERY_SECONDS) -> None:
        #: True while nobody should wait for the store; read on the hot path.
        self.holds = False
        #: How many silences are over; a connection remembers it from when it was opened.
        self.ended = 0
        self._store = store
        self._answers = answers
        self._every_seconds = every_seconds
        self._lock = threading.Lock()
        self._over = threading.Event()

    def begin(self, waiting_since: int) -> None:
        """Say that somebody waited in vain, who began to when `ended` was `waiting_since`.

        Where it has grown meanwhile, the store has answered since: their connection is dead, the store is not.
        """
        with self._lock:
            if self.holds or self._over.is_set() or waiting_since != self.ended:
                return
            self.holds = True
        _log.error("store.silent", store=self._store)
        # A daemon: a store that stays silent must not keep the process from ending.
        threading.Thread(target=self._listen, name=f"silence {self._store}", daemon=True).start()

    def close(self) -> None:
        """Stop listening; for good."""
        self._over.set()

    def _listen(self) -> None:
        while not self._answers_now():
            if self._over.wait(self._every_seconds):
                return
        with self._lock:
            self.ended += 1
            self.holds = False
        _log.info("store.answers", store=self._store)

    def _answers_now(self) -> bool:
        try:
            return self._answers()
        except Exception as error:
            # Not foreseen, and so no reason to refuse requests any longer.
            _log.warning("store.not_asked", store=self._store, problem=type(error).__name__)
            return True
