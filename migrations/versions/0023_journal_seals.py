"""By which a sealed batch of the merge journal is found again."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_SEALED = sa.text("seal_position IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_merge_events_sealed",
        "merge_events",
        ["seal_position"],
        unique=False,
        postgresql_where=_SEALED,
        sqlite_where=_SEALED,
    )


def downgrade() -> None:
    op.drop_index("ix_merge_events_sealed", table_name="merge_events", postgresql_where=_SEALED, sqlite_where=_SEALED)
