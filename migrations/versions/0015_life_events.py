"""Deaths that were reported, and the entries of the register whose death was just said."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.String(length=22)
_ENTRY_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STANDING = sa.text("reversed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "death_reports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("evidence_digest", sa.String(length=43), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("status_before", sa.String(), nullable=False),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("report_proposed_by", _ID, nullable=True),
        sa.Column("reported_by", _ID, nullable=True),
        sa.Column("unsaid_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("close_proposed_by", _ID, nullable=True),
        sa.Column("closed_by", _ID, nullable=True),
        sa.Column("reversed_at", UtcDateTime(), nullable=True),
        sa.Column("reverse_proposed_by", _ID, nullable=True),
        sa.Column("reversed_by", _ID, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_death_reports_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_reports")),
    )
    op.create_index(op.f("ix_death_reports_person_id"), "death_reports", ["person_id"])
    op.create_index(op.f("ix_death_reports_reported_at"), "death_reports", ["reported_at"])
    op.create_index(
        "uq_death_reports_standing",
        "death_reports",
        ["person_id"],
        unique=True,
        postgresql_where=_STANDING,
        sqlite_where=_STANDING,
    )
    op.create_table(
        "register_deaths",
        sa.Column("entry_id", _ENTRY_ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["register_entries.id"], name=op.f("fk_register_deaths_entry_id_register_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_register_deaths")),
    )
    # What the register said before this was never looked at: it is, by the worker's first run.
    op.execute(
        "INSERT INTO register_deaths (entry_id, version)"
        " SELECT DISTINCT entry_id, 1 FROM register_indexes WHERE is_deceased"
    )


def downgrade() -> None:
    op.drop_table("register_deaths")
    op.drop_table("death_reports")
