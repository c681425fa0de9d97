"""Tasks that a worker runs again and again, between deliveries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from idp.core.clock import Clock, seconds

_log = structlog.get_logger("idp.jobs")


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every so often; it must be safe to run in several workers at once."""

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
                task.run()
            except Exception:
                # Whatever it was, deliveries and the other tasks go on; it is tried again at its next time.
                _log.exception("task.failed", task=task.name)
            else:
                done.append(task.name)
        return tuple(done)
