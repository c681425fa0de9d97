"""What clerks record of a proofing, and until when somebody counts as present."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("present_until", UtcDateTime(), nullable=True))
    op.create_table(
        "counter_records",
        sa.Column("proofing_id", sa.String(length=22), nullable=False),
        sa.Column("device_id", sa.String(length=22), nullable=False),
        sa.Column("comparison", sa.String(), nullable=False),
        sa.Column("doubts", JsonDocument, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("compared_at", UtcDateTime(), nullable=False),
        sa.Column("second_person", sa.String(length=22), nullable=True),
        sa.Column("second_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proofing_id"], ["proofings.id"], name=op.f("fk_counter_records_proofing_id_proofings")
        ),
        sa.PrimaryKeyConstraint("proofing_id", name=op.f("pk_counter_records")),
    )


def downgrade() -> None:
    op.drop_table("counter_records")
    op.drop_column("sessions", "present_until")
