"""What clerks did, in the audit log: each act with who did it and at which office."""

from typing import Any

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.login.counter.card_standing import details_of
from idp.login.counter.clerks import at_counter
from idp.login.counter.visit import Visit
from idp.storage.engine import Database


class Trail:
    """Writes the rows, each in a transaction of its own: visits themselves lie in the short-lived store."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def done(self, event: Event, visit: Visit, clerk: str, origin: Origin) -> None:
        """Write that a clerk carried out a step of a visit."""
        details: dict[str, Any] = {"visit": visit.id, "device": visit.device_id}
        if visit.comparison is not None:
            details |= {"comparison": visit.comparison, "doubts": list(visit.doubts)}
        if event is Event.COUNTER_COMPARED:
            details |= details_of(visit.card)
        self._write(event, visit, clerk, visit.office, origin, details=details)

    def refused(self, visit: Visit | None, clerk: str, office: str | None, reason: str, origin: Origin) -> None:
        """Write that a clerk was refused, or refused somebody; `visit` is None where none was found."""
        details = {"visit": visit.id} if visit is not None else None
        self._write(Event.COUNTER_REFUSED, visit, clerk, office, origin, details=details, reason=reason)

    def _write(
        self,
        event: Event,
        visit: Visit | None,
        clerk: str,
        office: str | None,
        origin: Origin,
        *,
        details: dict[str, Any] | None,
        reason: str | None = None,
    ) -> None:
        with self._database.transaction() as session:
            record(
                session,
                event,
                at=self._clock.now(),
                outcome=Outcome.SUCCESS if reason is None else Outcome.REFUSED,
                reason=reason,
                person_id=(visit.person_id or None) if visit is not None else None,
                origin=at_counter(clerk, office, origin),
                details=details,
            )
