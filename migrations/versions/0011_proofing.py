"""What speaks for the person who was proved, and the cases about who somebody is."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("credentials", sa.Column("vouched_at", UtcDateTime(), nullable=True))
    op.add_column("contacts", sa.Column("vouched_at", UtcDateTime(), nullable=True))
    # Nobody was proved before this, so sessions from before carry nothing. The default stays for the release
    # before this one, which starts sessions while the upgrade is under way.
    op.add_column("sessions", sa.Column("is_vouched", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "identity_cases",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("identifier_id", sa.String(length=22), nullable=False),
        sa.Column("other_identifier_id", sa.String(length=22), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["identifier_id"], ["identifiers.id"], name=op.f("fk_identity_cases_identifier_id_identifiers")
        ),
        sa.ForeignKeyConstraint(
            ["other_identifier_id"], ["identifiers.id"], name=op.f("fk_identity_cases_other_identifier_id_identifiers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_cases")),
    )
    op.create_index(op.f("ix_identity_cases_identifier_id"), "identity_cases", ["identifier_id"])
    op.create_index(op.f("ix_identity_cases_other_identifier_id"), "identity_cases", ["other_identifier_id"])


def downgrade() -> None:
    op.drop_table("identity_cases")
    op.drop_column("sessions", "is_vouched")
    op.drop_column("contacts", "vouched_at")
    op.drop_column("credentials", "vouched_at")
