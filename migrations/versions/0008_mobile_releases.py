"""The table of mobiles that are to be released, and an index by which a former holder is found."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mobile_releases",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("contact_id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("objection_hash", sa.String(length=43), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_mobile_releases_contact_id_contacts")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_mobile_releases_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_releases")),
        sa.UniqueConstraint("objection_hash", name=op.f("uq_mobile_releases_objection_hash")),
    )
    op.create_index(op.f("ix_mobile_releases_contact_id"), "mobile_releases", ["contact_id"], unique=False)
    op.create_index(op.f("ix_mobile_releases_person_id"), "mobile_releases", ["person_id"], unique=False)
    op.create_index(
        "uq_mobile_releases_open",
        "mobile_releases",
        ["contact_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_contact_indexes_index", "contact_indexes", ["key_version", "index"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_contact_indexes_index", table_name="contact_indexes")
    op.drop_table("mobile_releases")
