"""Whom a message is for, and which persons were erased lately."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ERASED = sa.text("erased_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("person_id", sa.String(length=22), nullable=True))
    op.create_index(op.f("ix_outbox_person_id"), "outbox", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_person_keys_erased_at"),
        "person_keys",
        ["erased_at"],
        unique=False,
        postgresql_where=_ERASED,
        sqlite_where=_ERASED,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_person_keys_erased_at"), table_name="person_keys", postgresql_where=_ERASED, sqlite_where=_ERASED
    )
    op.drop_index(op.f("ix_outbox_person_id"), table_name="outbox")
    op.drop_column("outbox", "person_id")
