"""Legacy systems, their accounts, and the batches that bring them."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.String(length=22)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DIGEST = sa.LargeBinary(length=16)
_PARTITIONED = ("staged_rows", "staged_matches", "legacy_accounts", "account_situations")


def upgrade() -> None:
    op.create_table(
        "account_situations",
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("account_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("batch_number", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("system_number", "account_id", name=op.f("pk_account_situations")),
        postgresql_partition_by="LIST (system_number)",
    )
    op.create_table(
        "legacy_accounts",
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("account_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("batch_number", _NUMBER, nullable=False),
        sa.Column("row_number", _NUMBER, nullable=False),
        sa.Column("seen_batch", _NUMBER, nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_to", UtcDateTime(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("migrated_at", UtcDateTime(), nullable=True),
        sa.Column("ref_index", _DIGEST, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_digest", _DIGEST, nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("login_index", _DIGEST, nullable=True),
        sa.Column("number_index", _DIGEST, nullable=True),
        sa.Column("pair_index", _DIGEST, nullable=True),
        sa.Column("name_mobile_index", _DIGEST, nullable=True),
        sa.Column("mobile_index", _DIGEST, nullable=True),
        sa.Column("number_state", sa.String(), nullable=False),
        sa.Column("holder_kind", sa.String(), nullable=False),
        sa.Column("source_state", sa.String(), nullable=False),
        sa.Column("is_contradictory", sa.Boolean(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("credential_digest", _DIGEST, nullable=True),
        sa.PrimaryKeyConstraint("system_number", "account_id", "version", name=op.f("pk_legacy_accounts")),
        postgresql_partition_by="LIST (system_number)",
    )
    op.create_index(
        "ix_legacy_accounts_login",
        "legacy_accounts",
        ["system_number", "login_index"],
        unique=False,
        postgresql_where=sa.text("valid_to IS NULL AND login_index IS NOT NULL"),
        sqlite_where=sa.text("valid_to IS NULL AND login_index IS NOT NULL"),
    )
    op.create_index(
        "ix_legacy_accounts_name_mobile",
        "legacy_accounts",
        ["name_mobile_index"],
        unique=False,
        postgresql_where=sa.text("valid_to IS NULL AND name_mobile_index IS NOT NULL"),
        sqlite_where=sa.text("valid_to IS NULL AND name_mobile_index IS NOT NULL"),
    )
    op.create_index(
        "ix_legacy_accounts_number",
        "legacy_accounts",
        ["number_index"],
        unique=False,
        postgresql_where=sa.text("valid_to IS NULL AND number_index IS NOT NULL"),
        sqlite_where=sa.text("valid_to IS NULL AND number_index IS NOT NULL"),
    )
    op.create_index(
        "uq_legacy_accounts_ref",
        "legacy_accounts",
        ["system_number", "ref_index"],
        unique=True,
        postgresql_where=sa.text("valid_to IS NULL"),
        sqlite_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "staged_faults",
        sa.Column("batch_number", _NUMBER, nullable=False),
        sa.Column("row_number", _NUMBER, nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("batch_number", "row_number", name=op.f("pk_staged_faults")),
    )
    op.create_table(
        "staged_matches",
        sa.Column("batch_number", _NUMBER, nullable=False),
        sa.Column("row_number", _NUMBER, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("account_id", _NUMBER, nullable=True),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.PrimaryKeyConstraint("batch_number", "row_number", name=op.f("pk_staged_matches")),
        postgresql_partition_by="LIST (batch_number)",
    )
    op.create_table(
        "staged_rows",
        sa.Column("batch_number", _NUMBER, nullable=False),
        sa.Column("row_number", _NUMBER, nullable=False),
        sa.Column("ref_index", _DIGEST, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_digest", _DIGEST, nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("login_index", _DIGEST, nullable=True),
        sa.Column("number_index", _DIGEST, nullable=True),
        sa.Column("pair_index", _DIGEST, nullable=True),
        sa.Column("name_mobile_index", _DIGEST, nullable=True),
        sa.Column("mobile_index", _DIGEST, nullable=True),
        sa.Column("number_state", sa.String(), nullable=False),
        sa.Column("holder_kind", sa.String(), nullable=False),
        sa.Column("source_state", sa.String(), nullable=False),
        sa.Column("is_contradictory", sa.Boolean(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("credential_digest", _DIGEST, nullable=True),
        sa.PrimaryKeyConstraint("batch_number", "row_number", name=op.f("pk_staged_rows")),
        postgresql_partition_by="LIST (batch_number)",
    )
    op.create_table(
        "legacy_systems",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_id", _ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", JsonDocument, nullable=True),
        sa.Column("columns", JsonDocument, nullable=True),
        sa.Column("rules", JsonDocument, nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("password_scheme", sa.String(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("is_real_name_verified", sa.Boolean(), nullable=False),
        sa.Column("holds_organisations", sa.Boolean(), nullable=False),
        sa.Column("pays_out", sa.Boolean(), nullable=False),
        sa.Column("vouching", sa.String(), nullable=False),
        sa.Column("vouching_asked_by", _ID, nullable=True),
        sa.Column("vouching_approved_by", _ID, nullable=True),
        sa.Column("vouching_evidence", sa.String(), nullable=True),
        sa.Column("cutover", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_legacy_systems_department_id_departments")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_legacy_systems")),
        sa.UniqueConstraint("code", name=op.f("uq_legacy_systems_code")),
    )
    op.create_index(op.f("ix_legacy_systems_department_id"), "legacy_systems", ["department_id"], unique=False)
    op.create_table(
        "import_batches",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("file_digest", sa.String(length=43), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("layout", JsonDocument, nullable=True),
        sa.Column("columns", JsonDocument, nullable=True),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("position", JsonDocument, nullable=True),
        sa.Column("counters", JsonDocument, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("created_by", _ID, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", _ID, nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("undo_asked_by", _ID, nullable=True),
        sa.Column("undo_approved_by", _ID, nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_number"], ["legacy_systems.number"], name=op.f("fk_import_batches_system_number_legacy_systems")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_import_batches")),
    )
    op.create_index(op.f("ix_import_batches_state"), "import_batches", ["state"], unique=False)
    op.create_index(op.f("ix_import_batches_system_number"), "import_batches", ["system_number"], unique=False)
    op.create_table(
        "legacy_system_clients",
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("events_uri", sa.String(), nullable=True),
        sa.Column("told_position", sa.Integer(), nullable=False),
        sa.Column("told_leaf", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_number"],
            ["legacy_systems.number"],
            name=op.f("fk_legacy_system_clients_system_number_legacy_systems"),
        ),
        sa.PrimaryKeyConstraint("system_number", "client_id", name=op.f("pk_legacy_system_clients")),
    )
    op.create_index(op.f("ix_legacy_system_clients_client_id"), "legacy_system_clients", ["client_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE legacy_account_ids AS bigint")
        for table in _PARTITIONED:
            # Takes what no system or batch has a partition for; each gets its own when it begins.
            op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")


def downgrade() -> None:
    op.drop_index(op.f("ix_legacy_system_clients_client_id"), table_name="legacy_system_clients")
    op.drop_table("legacy_system_clients")
    op.drop_index(op.f("ix_import_batches_system_number"), table_name="import_batches")
    op.drop_index(op.f("ix_import_batches_state"), table_name="import_batches")
    op.drop_table("import_batches")
    op.drop_index(op.f("ix_legacy_systems_department_id"), table_name="legacy_systems")
    op.drop_table("legacy_systems")
    op.drop_table("staged_rows")
    op.drop_table("staged_matches")
    op.drop_table("staged_faults")
    op.drop_index(
        "uq_legacy_accounts_ref",
        table_name="legacy_accounts",
        postgresql_where=sa.text("valid_to IS NULL"),
        sqlite_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index(
        "ix_legacy_accounts_number",
        table_name="legacy_accounts",
        postgresql_where=sa.text("valid_to IS NULL AND number_index IS NOT NULL"),
        sqlite_where=sa.text("valid_to IS NULL AND number_index IS NOT NULL"),
    )
    op.drop_index(
        "ix_legacy_accounts_name_mobile",
        table_name="legacy_accounts",
        postgresql_where=sa.text("valid_to IS NULL AND name_mobile_index IS NOT NULL"),
        sqlite_where=sa.text("valid_to IS NULL AND name_mobile_index IS NOT NULL"),
    )
    op.drop_index(
        "ix_legacy_accounts_login",
        table_name="legacy_accounts",
        postgresql_where=sa.text("valid_to IS NULL AND login_index IS NOT NULL"),
        sqlite_where=sa.text("valid_to IS NULL AND login_index IS NOT NULL"),
    )
    op.drop_table("legacy_accounts")
    op.drop_table("account_situations")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE legacy_account_ids")
