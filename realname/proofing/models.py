"""The tables of what clerks recorded, and of cases about who somebody is, which a human must decide."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)


class CounterRecord(Base):
    """What a clerk recorded of a proofing at a counter: by which device, how they compared, and who looked again."""

    __tablename__ = "counter_records"

    proofing_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("proofings.id"), primary_key=True)
    device_id: Mapped[str] = mapped_column(_ID)
    comparison: Mapped[str]
    doubts: Mapped[list[str]]
    note: Mapped[bytes | None]
    compared_at: Mapped[datetime]
    second_person: Mapped[str | None] = mapped_column(_ID)
    second_at: Mapped[datetime | None]


class IdentityCase(Base):
    """Two persons who proved one number: the one who proved it now, and the one who had."""

    __tablename__ = "identity_cases"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    kind: Mapped[str]
    identifier_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("identifiers.id"), index=True)
    other_identifier_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("identifiers.id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(_ID)
