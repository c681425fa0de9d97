"""Tables of persons, and of what identifies, reaches and authenticates them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)


def _person() -> Any:
    return mapped_column(_ID, sa.ForeignKey("persons.id"), index=True)


class Person(Base):
    """A natural person under an opaque id; everything else about them lives in other tables."""

    __tablename__ = "persons"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    status: Mapped[str]
    merged_into: Mapped[str | None] = mapped_column(_ID, sa.ForeignKey("persons.id"), index=True)
    level: Mapped[int | None]
    locale: Mapped[str | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        # For whoever takes away what was prepared and never activated.
        sa.Index(
            "ix_persons_prepared",
            "created_at",
            postgresql_where=sa.text("status = 'prepared'"),
            sqlite_where=sa.text("status = 'prepared'"),
        ),
    )


class Attribute(Base):
    """One named fact about a person, encrypted, with its source and validity."""

    __tablename__ = "attributes"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    name: Mapped[str]
    ciphertext: Mapped[bytes]
    source: Mapped[str]
    level: Mapped[int]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Identifier(Base):
    """A document number of a person with its history: claimed, current, former or disputed."""

    __tablename__ = "identifiers"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    type: Mapped[str]
    ciphertext: Mapped[bytes]
    state: Mapped[str]
    proofing_id: Mapped[str | None] = mapped_column(_ID)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class IdentifierIndex(Base):
    """The blind index of an identifier, one row per live key version.

    Only a current number is unique: a typed one reserves nothing.
    """

    __tablename__ = "identifier_indexes"

    identifier_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("identifiers.id"), primary_key=True)
    key_version: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    index: Mapped[str] = mapped_column(sa.String(43))
    is_current: Mapped[bool]

    __table_args__ = (
        sa.Index(
            "uq_identifier_indexes_current",
            "type",
            "key_version",
            "index",
            unique=True,
            postgresql_where=sa.text("is_current"),
            # Word for word as queries write it, or SQLite's planner passes the index by.
            sqlite_where=sa.text("is_current = 1"),
        ),
        sa.Index("ix_identifier_indexes_index", "key_version", "index"),
    )


class Contact(Base):
    """A mobile number, an e-mail address or a staff login name: what a person is reached or named by."""

    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    kind: Mapped[str]
    ciphertext: Mapped[bytes]
    state: Mapped[str]
    verified_at: Mapped[datetime | None]
    vouched_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ContactIndex(Base):
    """The blind index of a contact, one row per live key version; a verified one names one person."""

    __tablename__ = "contact_indexes"

    contact_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("contacts.id"), primary_key=True)
    key_version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    index: Mapped[str] = mapped_column(sa.String(43))
    is_current: Mapped[bool]

    __table_args__ = (
        sa.Index(
            "uq_contact_indexes_current",
            "kind",
            "key_version",
            "index",
            unique=True,
            postgresql_where=sa.text("is_current"),
            # Word for word as queries write it, or SQLite's planner passes the index by.
            sqlite_where=sa.text("is_current = 1"),
        ),
        sa.Index("ix_contact_indexes_index", "key_version", "index"),
    )


class Credential(Base):
    """What a person authenticates with; `secret_hash` or `ciphertext` by its kind, never both in clear."""

    __tablename__ = "credentials"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    kind: Mapped[str]
    state: Mapped[str]
    secret_hash: Mapped[str | None]
    ciphertext: Mapped[bytes | None]
    data: Mapped[dict[str, Any] | None]
    vouched_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class LoginTries(Base):
    """Failed tries of secrets, per who is tried and from which class of device."""

    __tablename__ = "login_tries"

    subject: Mapped[str] = mapped_column(sa.String(43), primary_key=True)
    device: Mapped[str] = mapped_column(sa.String(43), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser or app that a person has logged in from, recognised by a long-lived cookie."""

    __tablename__ = "known_devices"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    device_hash: Mapped[str] = mapped_column(sa.String(43), index=True)
    label: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (sa.UniqueConstraint("person_id", "device_hash"),)


class Recovery(Base):
    """A request to get back into an account after a waiting time, bound to the browser that made it."""

    __tablename__ = "recoveries"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    kind: Mapped[str]
    device_hash: Mapped[str] = mapped_column(sa.String(43))
    started_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Proofing(Base):
    """Evidence that raised a person's identity level; digests only, never an image."""

    __tablename__ = "proofings"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    level: Mapped[int]
    method: Mapped[str]
    provider: Mapped[str]
    provider_request_id: Mapped[str | None]
    evidence_digest: Mapped[str | None] = mapped_column(sa.String(43))
    actor_person: Mapped[str | None] = mapped_column(_ID)
    office: Mapped[str | None]
    proved_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class UsedProof(Base):
    """A typed hash of everything that mints a token or raises a level, so that it counts once for ever."""

    __tablename__ = "used_proofs"

    kind: Mapped[str] = mapped_column(primary_key=True)
    proof_hash: Mapped[str] = mapped_column(sa.String(43), primary_key=True)
    used_at: Mapped[datetime]
    keep_until: Mapped[datetime] = mapped_column(index=True)


class Department(Base):
    """A department of government: it owns clients, resource servers, legacy systems, offices and devices."""

    __tablename__ = "departments"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(_ID, sa.ForeignKey("departments.id"))
    state: Mapped[str]
    created_at: Mapped[datetime]


class RoleAssignment(Base):
    """A role that a person holds within a department, until it ends."""

    __tablename__ = "role_assignments"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    role: Mapped[str]
    department_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("departments.id"))
    granted_by: Mapped[str | None] = mapped_column(_ID)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Organisation(Base):
    """A legal person, under its unified social credit code (GB 32100-2015)."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    credit_code: Mapped[str] = mapped_column(sa.String(18), unique=True)
    name: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]


class Mandate(Base):
    """The right of a person to act for another party, with scope, validity and evidence."""

    __tablename__ = "mandates"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = _person()
    party_kind: Mapped[str]
    party_id: Mapped[str] = mapped_column(_ID, index=True)
    scope: Mapped[list[str]]
    evidence_digest: Mapped[str | None] = mapped_column(sa.String(43))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
