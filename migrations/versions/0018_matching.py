"""What matching looks for by a mobile alone: whose it is here, and how many people it stands for elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PRESENT = sa.text("valid_to IS NULL AND mobile_index IS NOT NULL")


def upgrade() -> None:
    op.add_column("match_keys", sa.Column("mobile_index", sa.LargeBinary(length=16), nullable=True))
    op.create_index(op.f("ix_match_keys_mobile_index"), "match_keys", ["mobile_index"], unique=False)
    op.create_index(
        "ix_legacy_accounts_mobile",
        "legacy_accounts",
        ["mobile_index"],
        unique=False,
        postgresql_where=_PRESENT,
        sqlite_where=_PRESENT,
    )
    op.create_table(
        "match_cursors",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_match_cursors")),
    )


def downgrade() -> None:
    op.drop_table("match_cursors")
    op.drop_index(
        "ix_legacy_accounts_mobile", table_name="legacy_accounts", postgresql_where=_PRESENT, sqlite_where=_PRESENT
    )
    op.drop_index(op.f("ix_match_keys_mobile_index"), table_name="match_keys")
    op.drop_column("match_keys", "mobile_index")
