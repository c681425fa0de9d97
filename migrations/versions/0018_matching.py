"""What matching looks for by a mobile alone: whose it is here, and how many people it stands for elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KEYS = (
    ("uq_match_keys_primary", "number_index", True, sa.text("NOT is_former_number AND name_number = 0")),
    ("uq_match_keys_mobile", "mobile_index", True, sa.text("mobile_index IS NOT NULL")),
    ("ix_match_keys_secondary", "pair_index", False, sa.text("is_former_number OR name_number > 0")),
)
_PRESENT = sa.text("valid_to IS NULL AND mobile_index IS NOT NULL")


def upgrade() -> None:
    op.add_column("match_keys", sa.Column("mobile_index", sa.LargeBinary(length=16), nullable=True))
    for name, column, is_unique, where in _KEYS:
        op.create_index(name, "match_keys", [column], unique=is_unique, postgresql_where=where, sqlite_where=where)
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
    for name, _, _, where in _KEYS:
        op.drop_index(name, table_name="match_keys", postgresql_where=where, sqlite_where=where)
    op.drop_column("match_keys", "mobile_index")
