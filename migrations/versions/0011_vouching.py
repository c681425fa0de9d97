"""What speaks for the person who was proved: credentials, contacts, sessions."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import UtcDateTime

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("credentials", sa.Column("vouched_at", UtcDateTime(), nullable=True))
    op.add_column("contacts", sa.Column("vouched_at", UtcDateTime(), nullable=True))
    # Nobody was proved before this, so sessions from before carry nothing. The default stays for the release
    # before this one, which starts sessions while the upgrade is under way.
    op.add_column("sessions", sa.Column("is_vouched", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("sessions", "is_vouched")
    op.drop_column("contacts", "vouched_at")
    op.drop_column("credentials", "vouched_at")
