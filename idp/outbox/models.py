"""Table of durable deliveries."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base


class Delivery(Base):
    """One thing to deliver; the payload is sealed, because it may hold a code or an address."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    kind: Mapped[str]
    client_id: Mapped[str | None]
    person_id: Mapped[str | None] = mapped_column(sa.String(22), index=True)
    payload: Mapped[bytes]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    last_problem: Mapped[str | None]

    __table_args__ = (sa.Index("ix_outbox_due", "state", "next_at"),)
