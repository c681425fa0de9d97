"""Tables of the audit log."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base


class AuditSeal(Base):
    """A sealed batch of rows: count, Merkle root, the root before it, and the sealer's signature."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_event_at: Mapped[datetime]
    last_event_at: Mapped[datetime]
    event_count: Mapped[int]
    root: Mapped[str]
    previous_root: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[str]
    sealed_at: Mapped[datetime]


class AuditEvent(Base):
    """One thing that happened, to whom, by whom; never changed after it is written.

    Partitions by month: a dropped one leaves its seals.
    """

    __tablename__ = "audit_events"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    event: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    person_id: Mapped[str | None] = mapped_column(sa.String(22), index=True)
    actor_person: Mapped[str | None] = mapped_column(sa.String(22))
    on_behalf_of: Mapped[str | None] = mapped_column(sa.String(22))
    office: Mapped[str | None]
    client_id: Mapped[str | None]
    session_id: Mapped[str | None] = mapped_column(sa.String(22))
    channel: Mapped[str | None]
    request_id: Mapped[str | None]
    count: Mapped[int] = mapped_column(default=1)
    details: Mapped[dict[str, Any] | None]
    seal_position: Mapped[int | None]
    seal_leaf: Mapped[int | None]

    __table_args__ = (
        # What the sealer looks for; it leaves the index when it is sealed.
        sa.Index(
            "ix_audit_events_unsealed",
            "at",
            "id",
            postgresql_where=sa.text("seal_position IS NULL"),
            sqlite_where=sa.text("seal_position IS NULL"),
        ),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class AuditCounter(Base):
    """How often an unauthenticated thing happened within one minute, until it becomes an audit row."""

    __tablename__ = "audit_counters"

    minute: Mapped[datetime] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
