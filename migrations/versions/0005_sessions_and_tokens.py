"""The tables of sessions, subjects, token families and signing keys."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("token_hash", sa.String(length=43), nullable=False),
        sa.Column("family_id", sa.String(length=32), nullable=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_tokens")),
    )
    op.create_index(op.f("ix_access_tokens_expires_at"), "access_tokens", ["expires_at"], unique=False)
    op.create_index(op.f("ix_access_tokens_family_id"), "access_tokens", ["family_id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(length=43), nullable=False),
        sa.Column("issue_day", sa.Date(), nullable=False),
        sa.Column("code_hash", sa.String(length=43), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("successor_hash", sa.String(length=43), nullable=True),
        sa.Column("rotation_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index("ix_refresh_tokens_family", "refresh_tokens", ["issue_day", "code_hash"], unique=False)
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_tokens")),
    )
    op.create_index(op.f("ix_revoked_tokens_expires_at"), "revoked_tokens", ["expires_at"], unique=False)
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("algorithm", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("public_jwk", JsonDocument, nullable=False),
        sa.Column("wrapped_private", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signing_from", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("delete_after", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "token_grants",
        sa.Column("issue_day", sa.Date(), nullable=False),
        sa.Column("code_hash", sa.String(length=43), nullable=False),
        sa.Column("family_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(length=22), nullable=True),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("sub", sa.String(), nullable=True),
        sa.Column("scope", sa.String(), nullable=True),
        sa.Column("resources", JsonDocument, nullable=True),
        sa.Column("claims", JsonDocument, nullable=True),
        sa.Column("acr", sa.String(), nullable=True),
        sa.Column("aal", sa.Integer(), nullable=True),
        sa.Column("amr", JsonDocument, nullable=True),
        sa.Column("auth_time", UtcDateTime(), nullable=True),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.Column("actor_person", sa.String(length=22), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=22), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("issue_day", "code_hash", name=op.f("pk_token_grants")),
        postgresql_partition_by="RANGE (issue_day)",
    )
    if op.get_bind().dialect.name == "postgresql":
        # Takes what no month or day has a partition for; the worker makes those ahead.
        op.execute("CREATE TABLE token_grants_default PARTITION OF token_grants DEFAULT")
    op.create_index(op.f("ix_token_grants_family_id"), "token_grants", ["family_id"], unique=False)
    op.create_index(op.f("ix_token_grants_person_id"), "token_grants", ["person_id"], unique=False)
    op.create_index(op.f("ix_token_grants_session_id"), "token_grants", ["session_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("handle_hash", sa.String(length=43), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("acr", sa.String(), nullable=True),
        sa.Column("aal", sa.Integer(), nullable=False),
        sa.Column("amr", JsonDocument, nullable=False),
        sa.Column("auth_time", UtcDateTime(), nullable=False),
        sa.Column("device_id", sa.String(length=22), nullable=True),
        sa.Column("device_label", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("actor_person", sa.String(length=22), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=22), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_sessions_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_sessions_handle_hash")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_table(
        "subjects",
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_subjects_person_id_persons")),
        sa.PrimaryKeyConstraint("sector", "sub", name=op.f("pk_subjects")),
    )
    op.create_index(
        "uq_subjects_primary",
        "subjects",
        ["person_id", "sector"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
        sqlite_where=sa.text("is_primary = 1"),
    )
    op.create_table(
        "session_clients",
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("sid", sa.String(length=22), nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name=op.f("fk_session_clients_client_id_clients")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_session_clients_session_id_sessions")),
        sa.PrimaryKeyConstraint("session_id", "client_id", name=op.f("pk_session_clients")),
        sa.UniqueConstraint("sid", name=op.f("uq_session_clients_sid")),
    )


def downgrade() -> None:
    op.drop_table("session_clients")
    op.drop_index(
        "uq_subjects_primary",
        table_name="subjects",
        postgresql_where=sa.text("is_primary"),
        sqlite_where=sa.text("is_primary"),
    )
    op.drop_table("subjects")
    op.drop_index(op.f("ix_sessions_person_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_token_grants_session_id"), table_name="token_grants")
    op.drop_index(op.f("ix_token_grants_person_id"), table_name="token_grants")
    op.drop_index(op.f("ix_token_grants_family_id"), table_name="token_grants")
    op.drop_table("token_grants")
    op.drop_table("signing_keys")
    op.drop_index(op.f("ix_revoked_tokens_expires_at"), table_name="revoked_tokens")
    op.drop_table("revoked_tokens")
    op.drop_index("ix_refresh_tokens_family", table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_access_tokens_family_id"), table_name="access_tokens")
    op.drop_index(op.f("ix_access_tokens_expires_at"), table_name="access_tokens")
    op.drop_table("access_tokens")
