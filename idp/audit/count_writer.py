"""Writing what a process has counted, now and then and at its end, beside its requests."""

import threading
from collections.abc import Callable

# Half a minute: a finished minute is folded into audit rows a minute after its end.
_EVERY_SECONDS = 30.0
_STOP_SECONDS = 5.0


class CountWriter:
    """A thread that calls each flush every so often; a flush never raises."""

    def __init__(self, *flushes: Callable[[], None], every_seconds: float = _EVERY_SECONDS) -> None:
        self._flushes = flushes
        self._every = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit counts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, with a last flush."""
        self._stop.set()
        self._thread.join(_STOP_SECONDS)
        self._flush()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._flush()

    def _flush(self) -> None:
        for flush in self._flushes:
            flush()
