"""The tables of persons, their identifiers, contacts and credentials."""

import sqlalchemy as sa
from alembic import op

from idp.storage.base import JsonDocument, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_tries",
        sa.Column("subject", sa.String(length=43), nullable=False),
        sa.Column("device", sa.String(length=43), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subject", "device", name=op.f("pk_login_tries")),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("merged_into", sa.String(length=22), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["persons.id"], name=op.f("fk_persons_merged_into_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_index(op.f("ix_persons_merged_into"), "persons", ["merged_into"], unique=False)
    op.create_table(
        "used_proofs",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("proof_hash", sa.String(length=43), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("keep_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "proof_hash", name=op.f("pk_used_proofs")),
    )
    op.create_index(op.f("ix_used_proofs_keep_until"), "used_proofs", ["keep_until"], unique=False)
    op.create_table(
        "attributes",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_to", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_attributes_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attributes")),
    )
    op.create_index(op.f("ix_attributes_person_id"), "attributes", ["person_id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_contacts_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_person_id"), "contacts", ["person_id"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("data", JsonDocument, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_credentials_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
    )
    op.create_index(op.f("ix_credentials_person_id"), "credentials", ["person_id"], unique=False)
    op.create_table(
        "identifiers",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proofing_id", sa.String(length=22), nullable=True),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_to", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_identifiers_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifiers")),
    )
    op.create_index(op.f("ix_identifiers_person_id"), "identifiers", ["person_id"], unique=False)
    op.create_table(
        "known_devices",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("device_hash", sa.String(length=43), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_known_devices_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint("person_id", "device_hash", name=op.f("uq_known_devices_person_id_device_hash")),
    )
    op.create_index(op.f("ix_known_devices_device_hash"), "known_devices", ["device_hash"], unique=False)
    op.create_index(op.f("ix_known_devices_person_id"), "known_devices", ["person_id"], unique=False)
    op.create_table(
        "proofings",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_request_id", sa.String(), nullable=True),
        sa.Column("evidence_digest", sa.String(length=43), nullable=True),
        sa.Column("actor_person", sa.String(length=22), nullable=True),
        sa.Column("office", sa.String(), nullable=True),
        sa.Column("proved_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_proofings_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofings")),
    )
    op.create_index(op.f("ix_proofings_person_id"), "proofings", ["person_id"], unique=False)
    op.create_table(
        "recoveries",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("device_hash", sa.String(length=43), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_recoveries_person_id_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    op.create_index(op.f("ix_recoveries_person_id"), "recoveries", ["person_id"], unique=False)
    op.create_table(
        "contact_indexes",
        sa.Column("contact_id", sa.String(length=22), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("index", sa.String(length=43), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_indexes_contact_id_contacts")),
        sa.PrimaryKeyConstraint("contact_id", "key_version", name=op.f("pk_contact_indexes")),
    )
    op.create_index(
        "uq_contact_indexes_current",
        "contact_indexes",
        ["kind", "key_version", "index"],
        unique=True,
        postgresql_where=sa.text("is_current"),
        sqlite_where=sa.text("is_current = 1"),
    )
    op.create_table(
        "identifier_indexes",
        sa.Column("identifier_id", sa.String(length=22), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("index", sa.String(length=43), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identifier_id"], ["identifiers.id"], name=op.f("fk_identifier_indexes_identifier_id_identifiers")
        ),
        sa.PrimaryKeyConstraint("identifier_id", "key_version", name=op.f("pk_identifier_indexes")),
    )
    op.create_index("ix_identifier_indexes_index", "identifier_indexes", ["key_version", "index"], unique=False)
    op.create_index(
        "uq_identifier_indexes_current",
        "identifier_indexes",
        ["type", "key_version", "index"],
        unique=True,
        postgresql_where=sa.text("is_current"),
        sqlite_where=sa.text("is_current = 1"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_identifier_indexes_current",
        table_name="identifier_indexes",
        postgresql_where=sa.text("is_current"),
        sqlite_where=sa.text("is_current = 1"),
    )
    op.drop_index("ix_identifier_indexes_index", table_name="identifier_indexes")
    op.drop_table("identifier_indexes")
    op.drop_index(
        "uq_contact_indexes_current",
        table_name="contact_indexes",
        postgresql_where=sa.text("is_current"),
        sqlite_where=sa.text("is_current = 1"),
    )
    op.drop_table("contact_indexes")
    op.drop_index(op.f("ix_recoveries_person_id"), table_name="recoveries")
    op.drop_table("recoveries")
    op.drop_index(op.f("ix_proofings_person_id"), table_name="proofings")
    op.drop_table("proofings")
    op.drop_index(op.f("ix_known_devices_person_id"), table_name="known_devices")
    op.drop_index(op.f("ix_known_devices_device_hash"), table_name="known_devices")
    op.drop_table("known_devices")
    op.drop_index(op.f("ix_identifiers_person_id"), table_name="identifiers")
    op.drop_table("identifiers")
    op.drop_index(op.f("ix_credentials_person_id"), table_name="credentials")
    op.drop_table("credentials")
    op.drop_index(op.f("ix_contacts_person_id"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_attributes_person_id"), table_name="attributes")
    op.drop_table("attributes")
    op.drop_index(op.f("ix_used_proofs_keep_until"), table_name="used_proofs")
    op.drop_table("used_proofs")
    op.drop_index(op.f("ix_persons_merged_into"), table_name="persons")
    op.drop_table("persons")
    op.drop_table("login_tries")
