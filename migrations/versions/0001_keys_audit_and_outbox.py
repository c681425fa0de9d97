"""The tables of keys, audit log and outbox."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(length=22), nullable=True),
        sa.Column("actor_person", sa.String(length=22), nullable=True),
        sa.Column("on_behalf_of", sa.String(length=22), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("details", JsonDocument, nullable=True),
        sa.Column("seal_position", sa.Integer(), nullable=True),
        sa.Column("seal_leaf", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("at", "id", name=op.f("pk_audit_events")),
        postgresql_partition_by="RANGE (at)",
    )
    if op.get_bind().dialect.name == "postgresql":
        # Takes what no month or day has a partition for; the worker makes those ahead.
        op.execute("CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT")
    op.create_index(op.f("ix_audit_events_person_id"), "audit_events", ["person_id"], unique=False)
    op.create_index(
        "ix_audit_events_unsealed",
        "audit_events",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("seal_position IS NULL"),
        sqlite_where=sa.text("seal_position IS NULL"),
    )
    op.create_table(
        "audit_counters",
        sa.Column("minute", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "event", "kind", "client_id", name=op.f("pk_audit_counters")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_event_at", UtcDateTime(), nullable=False),
        sa.Column("last_event_at", UtcDateTime(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("previous_root", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
    )
    op.create_table(
        "key_checks",
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("check_value", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kek_id", name=op.f("pk_key_checks")),
    )
    op.create_table(
        "key_instances",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("fingerprint", sa.String(length=43), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_instances")),
    )
    op.create_table(
        "key_rotations",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("phase_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_key_rotations")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("last_problem", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["state", "next_at"], unique=False)
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_keys")),
    )
    op.create_table(
        "wrapped_keys",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("suite", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kek_id", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "version", name=op.f("pk_wrapped_keys")),
    )


def downgrade() -> None:
    op.drop_table("wrapped_keys")
    op.drop_table("person_keys")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("key_rotations")
    op.drop_table("key_instances")
    op.drop_table("key_checks")
    op.drop_table("audit_seals")
    op.drop_table("audit_counters")
    op.drop_index(
        "ix_audit_events_unsealed",
        table_name="audit_events",
        postgresql_where=sa.text("seal_position IS NULL"),
        sqlite_where=sa.text("seal_position IS NULL"),
    )
    op.drop_index(op.f("ix_audit_events_person_id"), table_name="audit_events")
    op.drop_table("audit_events")
