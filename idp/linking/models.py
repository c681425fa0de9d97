"""Tables of legacy systems, their accounts and the batches that bring them.

What grows with a province is numbered, not named at random, because millions of indexes carry it; what a human
makes has an opaque id as elsewhere. Digests are 16 bytes under one version of the index key, which stands beside
them. Rows of one system lie together (on PostgreSQL in a partition), and so do staged rows of one batch.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

ID = sa.String(22)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DIGEST = sa.LargeBinary(16)

#: Where PostgreSQL takes the numbers of accounts from, whatever their system; on SQLite the one writer counts on.
ACCOUNT_IDS = sa.Sequence("legacy_account_ids", metadata=Base.metadata, data_type=sa.BigInteger)


def only_where(condition: str) -> dict[str, Any]:
    """Return what makes an index partial in both dialects."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


class LegacySystem(Base):
    """An older system whose accounts are brought here, and everything that is agreed about it."""

    __tablename__ = "legacy_systems"

    number: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str]
    department_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("departments.id"), index=True)
    state: Mapped[str]
    source: Mapped[dict[str, Any] | None]  # kind of source and its layout; of live ones no secret
    columns: Mapped[dict[str, Any] | None]  # which column is which field
    rules: Mapped[dict[str, Any]]  # the action for each situation
    rules_version: Mapped[int]
    password_scheme: Mapped[str | None]
    password_settings: Mapped[dict[str, Any] | None]  # encoding, and patterns of first passwords
    secret: Mapped[bytes | None]  # of a scheme or a live source, sealed
    is_real_name_verified: Mapped[bool]
    holds_organisations: Mapped[bool]
    pays_out: Mapped[bool]
    vouching: Mapped[str]  # off, asked, on
    vouching_asked_by: Mapped[str | None] = mapped_column(ID)
    vouching_approved_by: Mapped[str | None] = mapped_column(ID)
    vouching_evidence: Mapped[str | None]
    cutover: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class LegacySystemClient(Base):
    """A client that speaks for an older system at the mapping API."""

    __tablename__ = "legacy_system_clients"

    system_number: Mapped[int] = mapped_column(sa.ForeignKey("legacy_systems.number"), primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    events_uri: Mapped[str | None]  # where it is told what changed, without asking
    told_position: Mapped[int] = mapped_column(default=0)  # as far as it was told
    told_leaf: Mapped[int] = mapped_column(default=0)


class ImportBatch(Base):
    """One file, or one look at a live source, on its way in."""

    __tablename__ = "import_batches"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    system_number: Mapped[int] = mapped_column(sa.ForeignKey("legacy_systems.number"), index=True)
    kind: Mapped[str]  # full, delta, single
    state: Mapped[str] = mapped_column(index=True)
    file: Mapped[str | None]  # where it lies, within the folder of uploads
    file_digest: Mapped[str | None] = mapped_column(sa.String(43))
    file_size: Mapped[int | None] = mapped_column(sa.BigInteger())
    layout: Mapped[dict[str, Any] | None]
    columns: Mapped[dict[str, Any] | None]
    rules_version: Mapped[int]
    position: Mapped[dict[str, Any] | None]  # where to go on after a kill
    counters: Mapped[dict[str, Any]]
    reason: Mapped[str | None]  # why it stopped
    is_paused: Mapped[bool]
    created_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(ID)
    approved_at: Mapped[datetime | None]
    undo_asked_by: Mapped[str | None] = mapped_column(ID)
    undo_approved_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None]
    worker: Mapped[str | None]  # who works on it, until its lease ends
    leased_until: Mapped[datetime | None]


class _Row:
    """What matching reads of a legacy row; the row itself is sealed beside it.

    `content` is sealed for the place (batch_number, row_number), which moves with it. Digests are of: the account's
    own reference, its login name, the number, number and name, name and mobile, the mobile, the stored password.
    """

    ref_index: Mapped[bytes] = mapped_column(DIGEST)
    content: Mapped[bytes]
    content_digest: Mapped[bytes] = mapped_column(DIGEST)
    key_version: Mapped[int] = mapped_column(sa.SmallInteger())
    login_index: Mapped[bytes | None] = mapped_column(DIGEST)
    number_index: Mapped[bytes | None] = mapped_column(DIGEST)
    pair_index: Mapped[bytes | None] = mapped_column(DIGEST)
    name_mobile_index: Mapped[bytes | None] = mapped_column(DIGEST)
    mobile_index: Mapped[bytes | None] = mapped_column(DIGEST)
    number_state: Mapped[str]
    holder_kind: Mapped[str]
    source_state: Mapped[str]
    is_contradictory: Mapped[bool]  # its birth date, sex or the like speak against its number
    credential: Mapped[bytes | None]  # the stored password with its salt, sealed for the same place
    credential_digest: Mapped[bytes | None] = mapped_column(DIGEST)


class StagedRow(_Row, Base):
    """A row of a batch before anybody approved it; a bad one has a fault, and nothing else."""

    __tablename__ = "staged_rows"

    batch_number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    row_number: Mapped[int] = mapped_column(NUMBER, primary_key=True)

    __table_args__ = ({"postgresql_partition_by": "LIST (batch_number)"},)


class StagedFault(Base):
    """A row of a batch that cannot be taken: its number and why, never what it holds."""

    __tablename__ = "staged_faults"

    batch_number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    row_number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    fault: Mapped[str]


class StagedMatch(Base):
    """What the dry run found for a staged row: the plan that a second person approves and a worker carries out."""

    __tablename__ = "staged_matches"

    batch_number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    row_number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    change: Mapped[str]  # added, changed, unchanged
    account_id: Mapped[int | None] = mapped_column(NUMBER)
    situation: Mapped[str]
    action: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ID)

    __table_args__ = ({"postgresql_partition_by": "LIST (batch_number)"},)


class LegacyAccount(_Row, Base):
    """One version of a legacy account; immutable but for its end and what a first login makes of its password."""

    __tablename__ = "legacy_accounts"

    system_number: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    batch_number: Mapped[int] = mapped_column(NUMBER)
    row_number: Mapped[int] = mapped_column(NUMBER)
    seen_batch: Mapped[int] = mapped_column(NUMBER)  # the latest one that brought it, changed or not
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    password_hash: Mapped[str | None]  # argon2id, once its password was right (lazy migration)
    migrated_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("uq_legacy_accounts_ref", "system_number", "ref_index", unique=True, **only_where("valid_to IS NULL")),
        sa.Index(
            "ix_legacy_accounts_login",
            "system_number",
            "login_index",
            **only_where("valid_to IS NULL AND login_index IS NOT NULL"),
        ),
        sa.Index(
            "ix_legacy_accounts_number", "number_index", **only_where("valid_to IS NULL AND number_index IS NOT NULL")
        ),
        sa.Index(
            "ix_legacy_accounts_name_mobile",
            "name_mobile_index",
            **only_where("valid_to IS NULL AND name_mobile_index IS NOT NULL"),
        ),
        sa.Index(
            "ix_legacy_accounts_credential",
            "system_number",
            "credential_digest",
            **only_where("valid_to IS NULL AND credential_digest IS NOT NULL"),
        ),
        # How many people one mobile stands for: an agent's stands for hundreds.
        sa.Index(
            "ix_legacy_accounts_mobile", "mobile_index", **only_where("valid_to IS NULL AND mobile_index IS NOT NULL")
        ),
        {"postgresql_partition_by": "LIST (system_number)"},
    )


class AccountSituation(Base):
    """What the latest run found for an account: derived, and recomputed at will."""

    __tablename__ = "account_situations"

    system_number: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    situation: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ID)
    batch_number: Mapped[int | None] = mapped_column(NUMBER)

    __table_args__ = ({"postgresql_partition_by": "LIST (system_number)"},)


class CutoverCount(Base):
    """How often both answered a login of an older system on a day, and how their answers compared."""

    __tablename__ = "cutover_counts"

    system_number: Mapped[int] = mapped_column(sa.ForeignKey("legacy_systems.number"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    comparison: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
