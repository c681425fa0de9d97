"""What finding a shared password, and looking again at cases, need."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_CREDENTIAL = sa.text("valid_to IS NULL AND credential_digest IS NOT NULL")
_AUDIT = sa.text("is_audit_due")


def upgrade() -> None:
    op.create_index(
        "ix_legacy_accounts_credential",
        "legacy_accounts",
        ["system_number", "credential_digest"],
        unique=False,
        postgresql_where=_CREDENTIAL,
        sqlite_where=_CREDENTIAL,
    )
    op.add_column("merge_cases", sa.Column("is_audit_due", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_merge_cases_audit",
        "merge_cases",
        ["closed_at"],
        unique=False,
        postgresql_where=_AUDIT,
        sqlite_where=_AUDIT,
    )


def downgrade() -> None:
    op.drop_index("ix_merge_cases_audit", table_name="merge_cases", postgresql_where=_AUDIT, sqlite_where=_AUDIT)
    op.drop_column("merge_cases", "is_audit_due")
    op.drop_index(
        "ix_legacy_accounts_credential",
        table_name="legacy_accounts",
        postgresql_where=_CREDENTIAL,
        sqlite_where=_CREDENTIAL,
    )
