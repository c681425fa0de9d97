"""Forgetting deliveries that ended: their payloads hold addresses and codes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import seconds
from idp.outbox.models import Delivery
from idp.outbox.queue import DeliveryState

# What went well is soon of no interest; what did not is shown to those who ask why.
_DONE_SECONDS, _FAILED_SECONDS = 7 * 86_400, 30 * 86_400


def forget_ended(session: Session, *, at: datetime, limit: int = 1_000) -> int:
    """Delete up to `limit` deliveries that ended long enough ago and return how many; for a periodic task."""
    failed = (DeliveryState.DEAD, DeliveryState.UNKNOWN)
    ended = (
        sa.select(Delivery.id)
        .where(
            sa.or_(
                sa.and_(Delivery.state == DeliveryState.DONE, Delivery.done_at < at - seconds(_DONE_SECONDS)),
                sa.and_(Delivery.state.in_(failed), Delivery.created_at < at - seconds(_FAILED_SECONDS)),
            )
        )
        .limit(limit)
    )
    return len(session.execute(sa.delete(Delivery).where(Delivery.id.in_(ended)).returning(Delivery.id)).all())
