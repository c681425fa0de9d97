"""What tells from the outside that the house is well: how much waits, and for how long."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.outbox.models import Delivery
from idp.outbox.queue import DeliveryState
from idp.storage.engine import Database

_WAITING = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Deliveries that wait, since when the longest has been due, and how many were given up."""

    waiting: int
    due_since: datetime | None
    dead: int


def outbox(database: Database, *, at: datetime) -> Outbox:
    """Return the state of the outbox."""
    with database.read() as session:
        rows = session.execute(
            sa.select(Delivery.state, sa.func.count())
            .where(Delivery.state.in_([*_WAITING, DeliveryState.DEAD]))
            .group_by(Delivery.state)
        ).all()
        counts = {row[0]: int(row[1]) for row in rows}
        due_since = session.scalar(
            sa.select(sa.func.min(Delivery.next_at)).where(Delivery.state.in_(_WAITING), Delivery.next_at <= at)
        )
    return Outbox(sum(counts.get(each, 0) for each in _WAITING), due_since, counts.get(DeliveryState.DEAD, 0))


def unsealed_since(database: Database) -> datetime | None:
    """Return the time of the oldest audit row without a seal, None where all are sealed."""
    with database.read() as session:
        return session.scalar(sa.select(sa.func.min(AuditEvent.at)).where(AuditEvent.seal_position.is_(None)))
