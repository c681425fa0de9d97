"""Tables of subjects, token families and signing keys."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)
_HASH = sa.String(43)


class Subject(Base):
    """The `sub` by which the clients of one sector know a person: random, made at first use, kept for ever."""

    __tablename__ = "subjects"

    sector: Mapped[str] = mapped_column(primary_key=True)
    sub: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("persons.id"))
    is_primary: Mapped[bool]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.Index(
            "uq_subjects_primary",
            "person_id",
            "sector",
            unique=True,
            postgresql_where=sa.text("is_primary"),
            sqlite_where=sa.text("is_primary = 1"),
        ),
    )


class TokenGrant(Base):
    """One redeemed authorization: the root of its tokens, and where they are all revoked at once.

    A row with `revoked_at` and no client is the tombstone that a replay left before the winner came.
    """

    __tablename__ = "token_grants"

    issue_day: Mapped[date] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    family_id: Mapped[str] = mapped_column(sa.String(32), index=True)
    client_id: Mapped[str | None]
    person_id: Mapped[str | None] = mapped_column(_ID, index=True)
    session_id: Mapped[str | None] = mapped_column(_ID, index=True)
    sub: Mapped[str | None]
    scope: Mapped[str | None]
    resources: Mapped[list[str] | None]
    claims: Mapped[dict[str, Any] | None]
    acr: Mapped[str | None]
    aal: Mapped[int | None]
    amr: Mapped[list[str] | None]
    auth_time: Mapped[datetime | None]
    offline: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None]
    #: Who acts, where another is acted for; `person_id` and `sub` are always whom the tokens are about.
    actor_person: Mapped[str | None] = mapped_column(_ID)
    actor_sub: Mapped[str | None]
    on_behalf_of: Mapped[str | None] = mapped_column(_ID)
    office: Mapped[str | None]

    __table_args__ = (
        # Few families have an actor, so this costs nobody else anything.
        sa.Index(
            "ix_token_grants_actor_person",
            "actor_person",
            postgresql_where=sa.text("actor_person IS NOT NULL"),
            sqlite_where=sa.text("actor_person IS NOT NULL"),
        ),
        {"postgresql_partition_by": "RANGE (issue_day)"},
    )


class RefreshToken(Base):
    """One refresh token of a family, hashed; `used_at` marks that its successor exists."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    issue_day: Mapped[date]
    code_hash: Mapped[str] = mapped_column(_HASH)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_hash: Mapped[str | None] = mapped_column(_HASH)
    rotation_version: Mapped[int | None]

    __table_args__ = (sa.Index("ix_refresh_tokens_family", "issue_day", "code_hash"),)


class OpaqueAccessToken(Base):
    """An access token of a resource server that wants opaque ones, hashed."""

    __tablename__ = "access_tokens"

    token_hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    family_id: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    client_id: Mapped[str]
    audience: Mapped[str]
    sub: Mapped[str]
    actor_sub: Mapped[str | None]
    scope: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class RevokedToken(Base):
    """The `jti` of a signed access token that was revoked before its time."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    revoked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SigningKeyRow(Base):
    """A token-signing key: announced, signing or retired; its private part only wrapped."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    state: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    wrapped_private: Mapped[bytes]
    kek_id: Mapped[str]
    created_at: Mapped[datetime]
    signing_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    delete_after: Mapped[datetime | None]
