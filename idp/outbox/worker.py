"""The loop that delivers what the queue holds, each kind by its own handler."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog

from idp.core.errors import StoreUnavailable
from idp.jobs.periodic import Periodic
from idp.keys.instances import Presence
from idp.outbox.queue import Claimed, DeliveryKind, DeliveryState, Queue

_IDLE_SECONDS = 0.25
_log = structlog.get_logger("idp.outbox")


class Ending(StrEnum):
    """What a handler says of one attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"  # certainly not delivered: may be tried again
    UNKNOWN = "unknown"  # may have been delivered: tried again only where twice does no harm
    HOPELESS = "hopeless"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The ending of one attempt, with a short problem text free of personal data."""

    ending: Ending
    problem: str = ""


Handler = Callable[[Claimed], Attempt]


class Worker:
    """Takes deliveries until told to stop; any number of workers may run at once."""

    def __init__(
        self,
        *,
        queue: Queue,
        handlers: Mapping[DeliveryKind, Handler],
        tasks: Periodic | None = None,
        presence: Presence | None = None,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._tasks = tasks
        self._presence = presence

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set, and run the tasks that are due between; what is under way is finished first."""
        while not stop.is_set():
            self._tell_keys()
            if self._tasks is not None:
                self._tasks.run_due()
            try:
                if self.run_once() == 0:
                    stop.wait(_IDLE_SECONDS)
            except StoreUnavailable as error:
                _log.warning("outbox.store_unavailable", problem=str(error))
                stop.wait(1)

    def run_once(self) -> int:
        """Deliver what is due now and return how many were tried."""
        if not self._queue.has_due():
            return 0
        claimed = self._queue.claim()
        for delivery in claimed:
            self._tell_keys()  # a rotation of keys waits for us, and one attempt may take a while
            self._deliver(delivery)
        return len(claimed)

    def _tell_keys(self) -> None:
        if self._presence is not None:
            self._presence.note()

    def _deliver(self, delivery: Claimed) -> None:
        try:
            attempt = self._handlers[delivery.kind](delivery)
        except Exception as error:
            # A fault of ours must not stop the queue; whether it was sent is not known.
            _log.exception("outbox.handler_failed", delivery=delivery.id)
            attempt = Attempt(Ending.UNKNOWN, type(error).__name__)
        match attempt.ending:
            case Ending.DELIVERED:
                self._queue.finish(delivery.id, DeliveryState.DONE)
            case Ending.FAILED:
                self._queue.retry(delivery, problem=attempt.problem)
            case Ending.UNKNOWN if delivery.kind is DeliveryKind.BACKCHANNEL_LOGOUT:
                # A logout told twice does no harm; one never told does.
                self._queue.retry(delivery, problem=attempt.problem)
            case Ending.UNKNOWN:
                self._queue.finish(delivery.id, DeliveryState.UNKNOWN, problem=attempt.problem)
            case Ending.HOPELESS:
                self._queue.finish(delivery.id, DeliveryState.DEAD, problem=attempt.problem)
        _log.info("outbox.attempt", delivery=delivery.id, kind=delivery.kind, ending=attempt.ending)
