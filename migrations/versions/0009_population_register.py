"""The tables of the population register: sealed entries, and what each verification compares."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ENTRY_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "register_entries",
        sa.Column("id", _ENTRY_ID, autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entries")),
    )
    op.create_table(
        "register_indexes",
        sa.Column("entry_id", _ENTRY_ID, autoincrement=False, nullable=False),
        sa.Column("key_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.String(length=43), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("mobiles", sa.String(), nullable=False),
        sa.Column("is_deceased", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["register_entries.id"], name=op.f("fk_register_indexes_entry_id_register_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", "key_version", name=op.f("pk_register_indexes")),
    )
    op.create_index("uq_register_indexes_index", "register_indexes", ["key_version", "index"], unique=True)


def downgrade() -> None:
    op.drop_table("register_indexes")
    op.drop_table("register_entries")
