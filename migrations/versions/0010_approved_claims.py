"""Clients: for which identity claims each is approved, and for what purpose."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("approved_claims", JsonDocument, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("clients") as table:
        table.drop_column("approved_claims")
