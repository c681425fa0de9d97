"""An index of the persons whom a system prepared an account for, to take away what was never activated."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PREPARED = sa.text("status = 'prepared'")


def upgrade() -> None:
    op.create_index(
        "ix_persons_prepared", "persons", ["created_at"], postgresql_where=_PREPARED, sqlite_where=_PREPARED
    )


def downgrade() -> None:
    # The release before knows no such status: nobody could get in anyway, and closed says so.
    op.execute("UPDATE persons SET status = 'closed' WHERE status = 'prepared'")
    op.drop_index("ix_persons_prepared", table_name="persons", postgresql_where=_PREPARED, sqlite_where=_PREPARED)
