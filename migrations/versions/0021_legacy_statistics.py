"""The numbers of older systems day by day."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "legacy_statistics",
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("accounts", _NUMBER, nullable=False),
        sa.Column("with_password", _NUMBER, nullable=False),
        sa.Column("migrated", _NUMBER, nullable=False),
        sa.Column("situations", JsonDocument, nullable=False),
        sa.Column("links", JsonDocument, nullable=False),
        sa.Column("cases", JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(
            ["system_number"],
            ["legacy_systems.number"],
            name=op.f("fk_legacy_statistics_system_number_legacy_systems"),
        ),
        sa.PrimaryKeyConstraint("system_number", "day", name=op.f("pk_legacy_statistics")),
    )


def downgrade() -> None:
    op.drop_table("legacy_statistics")
