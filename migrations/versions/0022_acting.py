"""Acting for a child towards clients: which clients understand it, who acts in a family of tokens, its own `sid`."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ID = sa.String(length=22)
_HAS_ACTOR = sa.text("actor_person IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("clients") as table:
        table.add_column(sa.Column("acting_for", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("token_grants", sa.Column("actor_sub", sa.String(), nullable=True))
    op.add_column("access_tokens", sa.Column("actor_sub", sa.String(), nullable=True))
    op.create_index(
        "ix_token_grants_actor_person",
        "token_grants",
        ["actor_person"],
        postgresql_where=_HAS_ACTOR,
        sqlite_where=_HAS_ACTOR,
    )
    op.create_table(
        "session_wards",
        sa.Column("session_id", _ID, nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("sid", _ID, nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.client_id"], name=op.f("fk_session_wards_client_id_clients")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_session_wards_person_id_persons")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_wards_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "client_id", "person_id", name=op.f("pk_session_wards")),
        sa.UniqueConstraint("sid", name=op.f("uq_session_wards_sid")),
    )


def downgrade() -> None:
    op.drop_table("session_wards")
    op.drop_index("ix_token_grants_actor_person", table_name="token_grants")
    op.drop_column("access_tokens", "actor_sub")
    op.drop_column("token_grants", "actor_sub")
    with op.batch_alter_table("clients") as table:
        table.drop_column("acting_for")
