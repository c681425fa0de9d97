"""Long work beside a worker's deliveries: in a thread of its own, one piece at a time."""

import threading
from collections.abc import Callable

import structlog

_log = structlog.get_logger("idp.jobs")


class Background:
    """Runs `work` beside whoever starts it. It must bear being killed at any moment: the process does not wait."""

    def __init__(self, *, name: str, work: Callable[[], object]) -> None:
        self._name = name
        self._work = work
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Begin; False where it is still at work from an earlier time."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        return True

    def join(self, timeout_seconds: float) -> bool:
        """Wait for the end, and tell whether it came."""
        if self._thread is not None:
            self._thread.join(timeout_seconds)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except Exception:
            # Whatever it was: it is begun anew at its next time.
            _log.exception("task.failed", task=self._name)
