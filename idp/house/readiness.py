"""Whether the stores answer, known within a time however they fail: refused, killed, or merely silent."""

import threading
import time
from collections.abc import Callable, Mapping

from idp.core.errors import StoreUnavailable

#: Longer than the connection time-outs of the stores, shorter than what a front proxy waits.
ANSWER_SECONDS = 3.0


class Readiness:
    """Asks every store at once, each on a thread of its own; one that hangs is not asked a second time."""

    def __init__(self, checks: Mapping[str, Callable[[], None]], *, seconds: float = ANSWER_SECONDS) -> None:
        self._checks = checks
        self._seconds = seconds
        self._lock = threading.Lock()
        self._asked: dict[str, _Question] = {}

    def problems(self) -> dict[str, str]:
        """Return what is wrong by store, nothing where all answer; takes no longer than the time given."""
        with self._lock:
            for name, check in self._checks.items():
                before = self._asked.get(name)
                if before is None or not before.thread.is_alive():
                    self._asked[name] = _Question(name, check)
            asked = dict(self._asked)
        ends = time.monotonic() + self._seconds
        for question in asked.values():
            question.thread.join(max(0.0, ends - time.monotonic()))
        return {name: question.problem for name, question in asked.items() if question.problem}


class _Question:
    """One check under way; until it ends its problem is that there is no answer."""

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self.problem = "no answer"
        self._check = check
        # A daemon: a store that stays silent must not keep the process from ending.
        self.thread = threading.Thread(target=self._ask, name=f"readiness {name}", daemon=True)
        self.thread.start()

    def _ask(self) -> None:
        try:
            self._check()
        except StoreUnavailable as error:
            self.problem = str(error)
        except Exception as error:
            self.problem = type(error).__name__
        else:
            self.problem = ""
