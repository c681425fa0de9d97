"""How older systems keep passwords, and how their answers compare with ours."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("legacy_systems", sa.Column("password_settings", JsonDocument, nullable=True))
    op.create_table(
        "cutover_counts",
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("comparison", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_number"],
            ["legacy_systems.number"],
            name=op.f("fk_cutover_counts_system_number_legacy_systems"),
        ),
        sa.PrimaryKeyConstraint("system_number", "day", "comparison", name=op.f("pk_cutover_counts")),
    )


def downgrade() -> None:
    op.drop_table("cutover_counts")
    op.drop_column("legacy_systems", "password_settings")
