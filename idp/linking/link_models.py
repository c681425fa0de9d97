"""Tables of links: what persons are matched by, who has which account, what humans decide, and the journal."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.linking.models import DIGEST, ID, NUMBER, only_where
from idp.storage.base import Base


class MatchKey(Base):
    """What a person is matched by: one proved number with one name of theirs, under one version of the index key."""

    __tablename__ = "match_keys"

    identifier_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("identifiers.id"), primary_key=True)
    name_number: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    key_version: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    person_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("persons.id"), index=True)
    number_index: Mapped[bytes] = mapped_column(DIGEST, index=True)
    pair_index: Mapped[bytes] = mapped_column(DIGEST)
    name_mobile_index: Mapped[bytes | None] = mapped_column(DIGEST, index=True)  # with the mobile that they verified
    mobile_index: Mapped[bytes | None] = mapped_column(DIGEST)  # in one row of each person
    is_former_number: Mapped[bool]  # or a disputed one: found, and never proposed by
    is_former_name: Mapped[bool]
    is_deceased: Mapped[bool]

    __table_args__ = (
        # Matching counts on these two: a current number and a verified mobile mean one person, and find one row.
        sa.Index(
            "uq_match_keys_primary",
            "number_index",
            unique=True,
            **only_where("NOT is_former_number AND name_number = 0"),
        ),
        sa.Index("uq_match_keys_mobile", "mobile_index", unique=True, **only_where("mobile_index IS NOT NULL")),
        sa.Index("ix_match_keys_secondary", "pair_index", **only_where("is_former_number OR name_number > 0")),
    )


class MatchCursor(Base):
    """How far into the audit log's sealed batches somebody of this room has read."""

    __tablename__ = "match_cursors"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    position: Mapped[int]


class Link(Base):
    """A legacy account bound to a person, or proposed to be; its state is what the journal says of it."""

    __tablename__ = "links"

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    system_number: Mapped[int]
    account_id: Mapped[int] = mapped_column(NUMBER)
    person_id: Mapped[str] = mapped_column(ID, index=True)
    state: Mapped[str]
    situation: Mapped[str]
    batch_number: Mapped[int | None] = mapped_column(NUMBER, index=True)
    is_main: Mapped[bool]
    proof: Mapped[str | None]  # how control was shown
    decided_by: Mapped[str | None] = mapped_column(ID)
    approved_by: Mapped[str | None] = mapped_column(ID)
    proposed_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    objection_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    __table_args__ = (
        sa.Index("uq_links_owner", "account_id", unique=True, **only_where("state IN ('active', 'suspended')")),
        sa.Index(
            "uq_links_live",
            "account_id",
            "person_id",
            unique=True,
            **only_where("state IN ('proposed', 'active', 'suspended')"),
        ),
    )


class NoLink(Base):
    """What must never be proposed again: this account to this person."""

    __tablename__ = "no_links"

    account_id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(ID, primary_key=True)
    system_number: Mapped[int]
    reason: Mapped[str]
    by_person: Mapped[str | None] = mapped_column(ID)
    at: Mapped[datetime]


class MergeCase(Base):
    """What a human must decide, with everything that its queue is ordered by."""

    __tablename__ = "merge_cases"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    system_number: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(NUMBER, index=True)
    batch_number: Mapped[int | None] = mapped_column(NUMBER, index=True)
    priority: Mapped[int]
    assigned_to: Mapped[str | None] = mapped_column(ID, index=True)
    assigned_until: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    version: Mapped[int]  # who decides on an older one is refused
    is_audit_due: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # decided by one alone

    __table_args__ = (
        sa.Index("ix_merge_cases_queue", "priority", "opened_at", **only_where("state <> 'closed'")),
        sa.Index("ix_merge_cases_audit", "closed_at", **only_where("is_audit_due")),
        sa.Index("uq_merge_cases_open", "account_id", "kind", unique=True, **only_where("state <> 'closed'")),
    )


class CaseCandidate(Base):
    """A person who may be meant by a case, with the weight of each field as percentages and words of ours."""

    __tablename__ = "case_candidates"

    case_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("merge_cases.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ID, primary_key=True, index=True)
    score: Mapped[float]
    evidence: Mapped[dict[str, Any]]


class MergeDecision(Base):
    """One person's decision in a case; two of them by two people decide it."""

    __tablename__ = "merge_decisions"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    case_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("merge_cases.id"), index=True)
    stage: Mapped[str]
    decided_by: Mapped[str] = mapped_column(ID, index=True)
    verdict: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ID)
    reason_code: Mapped[str]
    note: Mapped[bytes | None]  # sealed: people write names into notes
    evidence_digest: Mapped[str] = mapped_column(sa.String(43))
    decided_at: Mapped[datetime]

    __table_args__ = (
        sa.UniqueConstraint("case_id", "stage"),
        sa.UniqueConstraint("case_id", "decided_by"),
    )


class MergeEvent(Base):
    """One change of a link, a case, a person or a batch; never changed after it is written.

    `before` and `after` are states; what more has to be known to take it back stands in `details`.
    """

    __tablename__ = "merge_events"

    sequence: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor_person: Mapped[str | None] = mapped_column(ID)
    batch_number: Mapped[int | None] = mapped_column(NUMBER, index=True)
    system_number: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(NUMBER, index=True)
    person_id: Mapped[str | None] = mapped_column(ID, index=True)
    link_id: Mapped[int | None] = mapped_column(NUMBER, index=True)
    case_id: Mapped[str | None] = mapped_column(ID, index=True)
    before: Mapped[str | None]
    after: Mapped[str | None]
    reason: Mapped[str | None]
    undoes: Mapped[int | None] = mapped_column(NUMBER)
    details: Mapped[dict[str, Any] | None]
    seal_position: Mapped[int | None]
    seal_leaf: Mapped[int | None]

    __table_args__ = (
        sa.Index("ix_merge_events_unsealed", "sequence", **only_where("seal_position IS NULL")),
        # By which a sealed batch is found again; a row enters it when it is sealed.
        sa.Index("ix_merge_events_sealed", "seal_position", **only_where("seal_position IS NOT NULL")),
        # The change feed; proposals, the most by far, are told to nobody.
        sa.Index(
            "ix_merge_events_feed",
            "system_number",
            "seal_position",
            "seal_leaf",
            **only_where("seal_position IS NOT NULL AND kind <> 'link.proposed'"),
        ),
    )


class MergeSeal(Base):
    """A sealed batch of the journal, as those of the audit log."""

    __tablename__ = "merge_seals"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_event_at: Mapped[datetime]
    last_event_at: Mapped[datetime]
    event_count: Mapped[int]
    root: Mapped[str]
    previous_root: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[str]
    sealed_at: Mapped[datetime]


class AttributeClaim(Base):
    """What a source says of a person: survivorship chooses among these, and what loses stays here."""

    __tablename__ = "attribute_claims"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("persons.id"), index=True)
    name: Mapped[str]
    ciphertext: Mapped[bytes]
    link_id: Mapped[int | None] = mapped_column(NUMBER, index=True)
    level: Mapped[int]
    said_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
