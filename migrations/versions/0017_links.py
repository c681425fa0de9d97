"""Links, cases and the journal of merging."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.String(length=22)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_DIGEST = sa.LargeBinary(length=16)


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("account_id", _NUMBER, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("batch_number", _NUMBER, nullable=True),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("proof", sa.String(), nullable=True),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("approved_by", _ID, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        sa.Column("objection_until", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_batch_number"), "links", ["batch_number"], unique=False)
    op.create_index(op.f("ix_links_person_id"), "links", ["person_id"], unique=False)
    op.create_index(
        "uq_links_live",
        "links",
        ["account_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'active', 'suspended')"),
        sqlite_where=sa.text("state IN ('proposed', 'active', 'suspended')"),
    )
    op.create_index(
        "uq_links_owner",
        "links",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
        sqlite_where=sa.text("state IN ('active', 'suspended')"),
    )
    op.create_table(
        "merge_cases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("system_number", sa.Integer(), nullable=True),
        sa.Column("account_id", _NUMBER, nullable=True),
        sa.Column("batch_number", _NUMBER, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("assigned_to", _ID, nullable=True),
        sa.Column("assigned_until", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_cases")),
    )
    op.create_index(op.f("ix_merge_cases_account_id"), "merge_cases", ["account_id"], unique=False)
    op.create_index(op.f("ix_merge_cases_assigned_to"), "merge_cases", ["assigned_to"], unique=False)
    op.create_index(op.f("ix_merge_cases_batch_number"), "merge_cases", ["batch_number"], unique=False)
    op.create_index(
        "ix_merge_cases_queue",
        "merge_cases",
        ["priority", "opened_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.create_index(
        "uq_merge_cases_open",
        "merge_cases",
        ["account_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "merge_events",
        sa.Column("sequence", _NUMBER, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor_person", _ID, nullable=True),
        sa.Column("batch_number", _NUMBER, nullable=True),
        sa.Column("system_number", sa.Integer(), nullable=True),
        sa.Column("account_id", _NUMBER, nullable=True),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("link_id", _NUMBER, nullable=True),
        sa.Column("case_id", _ID, nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("undoes", _NUMBER, nullable=True),
        sa.Column("details", JsonDocument, nullable=True),
        sa.Column("seal_position", sa.Integer(), nullable=True),
        sa.Column("seal_leaf", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_merge_events")),
    )
    op.create_index(op.f("ix_merge_events_account_id"), "merge_events", ["account_id"], unique=False)
    op.create_index(op.f("ix_merge_events_batch_number"), "merge_events", ["batch_number"], unique=False)
    op.create_index(op.f("ix_merge_events_case_id"), "merge_events", ["case_id"], unique=False)
    op.create_index(op.f("ix_merge_events_link_id"), "merge_events", ["link_id"], unique=False)
    op.create_index(op.f("ix_merge_events_person_id"), "merge_events", ["person_id"], unique=False)
    op.create_index(
        "ix_merge_events_unsealed",
        "merge_events",
        ["sequence"],
        unique=False,
        postgresql_where=sa.text("seal_position IS NULL"),
        sqlite_where=sa.text("seal_position IS NULL"),
    )
    op.create_index(
        "ix_merge_events_feed",
        "merge_events",
        ["system_number", "seal_position", "seal_leaf"],
        unique=False,
        postgresql_where=sa.text("seal_position IS NOT NULL AND kind <> 'link.proposed'"),
        sqlite_where=sa.text("seal_position IS NOT NULL AND kind <> 'link.proposed'"),
    )
    op.create_table(
        "merge_seals",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_event_at", UtcDateTime(), nullable=False),
        sa.Column("last_event_at", UtcDateTime(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("previous_root", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_merge_seals")),
    )
    op.create_table(
        "no_links",
        sa.Column("account_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("system_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_person", _ID, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "person_id", name=op.f("pk_no_links")),
    )
    op.create_table(
        "attribute_claims",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("link_id", _NUMBER, nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_attribute_claims_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute_claims")),
    )
    op.create_index(op.f("ix_attribute_claims_link_id"), "attribute_claims", ["link_id"], unique=False)
    op.create_index(op.f("ix_attribute_claims_person_id"), "attribute_claims", ["person_id"], unique=False)
    op.create_table(
        "case_candidates",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["merge_cases.id"], name=op.f("fk_case_candidates_case_id_merge_cases")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_candidates")),
    )
    op.create_index(op.f("ix_case_candidates_person_id"), "case_candidates", ["person_id"], unique=False)
    op.create_table(
        "merge_decisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("decided_by", _ID, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("evidence_digest", sa.String(length=43), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["merge_cases.id"], name=op.f("fk_merge_decisions_case_id_merge_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_decisions")),
        sa.UniqueConstraint("case_id", "decided_by", name=op.f("uq_merge_decisions_case_id_decided_by")),
        sa.UniqueConstraint("case_id", "stage", name=op.f("uq_merge_decisions_case_id_stage")),
    )
    op.create_index(op.f("ix_merge_decisions_case_id"), "merge_decisions", ["case_id"], unique=False)
    op.create_index(op.f("ix_merge_decisions_decided_by"), "merge_decisions", ["decided_by"], unique=False)
    op.create_table(
        "match_keys",
        sa.Column("identifier_id", _ID, nullable=False),
        sa.Column("name_number", sa.SmallInteger(), nullable=False),
        sa.Column("key_version", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("number_index", _DIGEST, nullable=False),
        sa.Column("pair_index", _DIGEST, nullable=False),
        sa.Column("name_mobile_index", _DIGEST, nullable=True),
        sa.Column("is_former_number", sa.Boolean(), nullable=False),
        sa.Column("is_former_name", sa.Boolean(), nullable=False),
        sa.Column("is_deceased", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identifier_id"], ["identifiers.id"], name=op.f("fk_match_keys_identifier_id_identifiers")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_match_keys_person_id_persons")),
        sa.PrimaryKeyConstraint("identifier_id", "name_number", "key_version", name=op.f("pk_match_keys")),
    )
    op.create_index(op.f("ix_match_keys_name_mobile_index"), "match_keys", ["name_mobile_index"], unique=False)
    op.create_index(op.f("ix_match_keys_number_index"), "match_keys", ["number_index"], unique=False)
    op.create_index(op.f("ix_match_keys_person_id"), "match_keys", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_match_keys_person_id"), table_name="match_keys")
    op.drop_index(op.f("ix_match_keys_number_index"), table_name="match_keys")
    op.drop_index(op.f("ix_match_keys_name_mobile_index"), table_name="match_keys")
    op.drop_table("match_keys")
    op.drop_index(op.f("ix_merge_decisions_decided_by"), table_name="merge_decisions")
    op.drop_index(op.f("ix_merge_decisions_case_id"), table_name="merge_decisions")
    op.drop_table("merge_decisions")
    op.drop_index(op.f("ix_case_candidates_person_id"), table_name="case_candidates")
    op.drop_table("case_candidates")
    op.drop_index(op.f("ix_attribute_claims_person_id"), table_name="attribute_claims")
    op.drop_index(op.f("ix_attribute_claims_link_id"), table_name="attribute_claims")
    op.drop_table("attribute_claims")
    op.drop_table("no_links")
    op.drop_table("merge_seals")
    op.drop_index(
        "ix_merge_events_unsealed",
        table_name="merge_events",
        postgresql_where=sa.text("seal_position IS NULL"),
        sqlite_where=sa.text("seal_position IS NULL"),
    )
    op.drop_index(op.f("ix_merge_events_person_id"), table_name="merge_events")
    op.drop_index(op.f("ix_merge_events_link_id"), table_name="merge_events")
    op.drop_index(op.f("ix_merge_events_case_id"), table_name="merge_events")
    op.drop_index(op.f("ix_merge_events_batch_number"), table_name="merge_events")
    op.drop_index(op.f("ix_merge_events_account_id"), table_name="merge_events")
    op.drop_table("merge_events")
    op.drop_index(
        "uq_merge_cases_open",
        table_name="merge_cases",
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.drop_index(
        "ix_merge_cases_queue",
        table_name="merge_cases",
        postgresql_where=sa.text("state <> 'closed'"),
        sqlite_where=sa.text("state <> 'closed'"),
    )
    op.drop_index(op.f("ix_merge_cases_batch_number"), table_name="merge_cases")
    op.drop_index(op.f("ix_merge_cases_assigned_to"), table_name="merge_cases")
    op.drop_index(op.f("ix_merge_cases_account_id"), table_name="merge_cases")
    op.drop_table("merge_cases")
    op.drop_index(
        "uq_links_owner",
        table_name="links",
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
        sqlite_where=sa.text("state IN ('active', 'suspended')"),
    )
    op.drop_index(
        "uq_links_live",
        table_name="links",
        postgresql_where=sa.text("state IN ('proposed', 'active', 'suspended')"),
        sqlite_where=sa.text("state IN ('proposed', 'active', 'suspended')"),
    )
    op.drop_index(op.f("ix_links_person_id"), table_name="links")
    op.drop_index(op.f("ix_links_batch_number"), table_name="links")
    op.drop_table("links")
