"""Tasks that a worker runs again and again, between deliveries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import structlog

from idp.core.clock import Clock, seconds

_log = structlog.get_logger("idp.jobs")


# Deliveries come in between, so a task that has more to do than fits into one run is asked again soon.
_SOON_SECONDS = 1


class Left(Enum):
    """What a task may say of itself: MORE asks for the next run at once."""

    MORE = "more"


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every so often; it must be safe to run in several workers at once.

    Each run must be short, because deliveries wait for it; one that returns Left.MORE is soon run again.
    """

    name: str
    every_seconds: int
    run: Callable[[], object]


class Periodic:
    """Runs what is due; a task that fails is logged and stops no other."""

    def __init__(self, *, tasks: Sequence[Task], clock: Clock) -> None:
        self._tasks = tasks
        self._clock = clock
        self._next: dict[str, datetime] = {}

    def run_due(self) -> tuple[str, ...]:
        """Run every task whose time has come and return the names of those that succeeded; at first, all."""
        done = []
        for task in self._tasks:
            now = self._clock.now()
            if now < self._next.get(task.name, now):
                continue
            self._next[task.name] = now + seconds(task.every_seconds)
            try:
                if task.run() is Left.MORE:
                    self._next[task.name] = now + seconds(_SOON_SECONDS)
            except Exception:
                # Whatever it was, deliveries and the other tasks go on; it is tried again at its next time.
                _log.exception("task.failed", task=task.name)
            else:
                done.append(task.name)
        return tuple(done)
