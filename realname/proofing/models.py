"""The tables of what clerks recorded, of cases about who somebody is, and of deaths that were reported."""

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


class DeathReport(Base):
    """A death that the register told of, or a counter by a certificate; what it suspended, and what came of it.

    One that was not taken back stands, and of a person only one stands. Of each two who decided together the first
    proposed it.
    """

    __tablename__ = "death_reports"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("persons.id"), index=True)
    source: Mapped[str]
    evidence_digest: Mapped[str | None] = mapped_column(sa.String(43))
    office: Mapped[str | None]
    status_before: Mapped[str]
    reported_at: Mapped[datetime] = mapped_column(index=True)
    report_proposed_by: Mapped[str | None] = mapped_column(_ID)
    reported_by: Mapped[str | None] = mapped_column(_ID)
    unsaid_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_proposed_by: Mapped[str | None] = mapped_column(_ID)
    closed_by: Mapped[str | None] = mapped_column(_ID)
    reversed_at: Mapped[datetime | None]
    reverse_proposed_by: Mapped[str | None] = mapped_column(_ID)
    reversed_by: Mapped[str | None] = mapped_column(_ID)

    __table_args__ = (
        sa.Index(
            "uq_death_reports_standing",
            "person_id",
            unique=True,
            postgresql_where=sa.text("reversed_at IS NULL"),
            sqlite_where=sa.text("reversed_at IS NULL"),
        ),
    )
