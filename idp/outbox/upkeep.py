"""Forgetting deliveries that ended: their payloads hold addresses and codes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.outbox.models import Delivery
from idp.outbox.queue import DeliveryState


def forget_ended(session: Session, *, delivered_before: datetime, failed_before: datetime, limit: int = 1_000) -> int:
    """Delete up to `limit` deliveries that ended long enough ago and return how many; for a periodic task.

    What went well is soon of no interest; what did not is shown to those who ask why.
    """
    failed = (DeliveryState.DEAD, DeliveryState.UNKNOWN)
    ended = (
        sa.select(Delivery.id)
        .where(
            sa.or_(
                sa.and_(Delivery.state == DeliveryState.DONE, Delivery.done_at < delivered_before),
                sa.and_(Delivery.state.in_(failed), Delivery.created_at < failed_before),
            )
        )
        .limit(limit)
    )
    return len(session.execute(sa.delete(Delivery).where(Delivery.id.in_(ended)).returning(Delivery.id)).all())
