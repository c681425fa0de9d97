"""Writing audit rows, in the transaction of the change that they tell of."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.models import AuditEvent
from idp.core.ids import new_id


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as far as the audit keeps it."""

    request_id: str | None = None
    channel: str | None = None
    actor_person: str | None = None
    on_behalf_of: str | None = None
    office: str | None = None

    def acting(self, actor_person: str | None, on_behalf_of: str | None) -> "Origin":
        """Return the origin of what one does for another; itself where nobody acts for anybody."""
        return self if actor_person is None else replace(self, actor_person=actor_person, on_behalf_of=on_behalf_of)


NOWHERE = Origin()


def record(
    session: Session,
    event: Event,
    *,
    at: datetime,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str | None = None,
    person_id: str | None = None,
    client_id: str | None = None,
    session_id: str | None = None,
    origin: Origin = NOWHERE,
    count: int = 1,
    details: dict[str, Any] | None = None,
) -> None:
    """Append one row. `details` never holds personal data in clear: counts, names of scopes, digests.

    `count` is more than one where a row stands for several alike (see `idp.audit.counting`).
    """
    session.execute(
        sa.insert(AuditEvent).values(
            id=new_id(),
            at=at,
            event=event,
            outcome=outcome,
            reason=reason,
            person_id=person_id,
            actor_person=origin.actor_person,
            on_behalf_of=origin.on_behalf_of,
            office=origin.office,
            client_id=client_id,
            session_id=session_id,
            channel=origin.channel,
            request_id=origin.request_id,
            count=count,
            details=details,
        )
    )
