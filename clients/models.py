"""Tables of OAuth clients and resource servers."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from idp.storage.base import Base

_ID = sa.String(22)


class ClientRow(Base):
    """A registered client: its metadata (RFC 7591) beside our policy for it."""

    __tablename__ = "clients"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    client_metadata: Mapped[dict[str, Any]]
    sector: Mapped[str]
    subject_type: Mapped[str]
    require_pkce: Mapped[bool]
    require_consent: Mapped[bool]
    assertion_audience: Mapped[str]
    allowed_resources: Mapped[list[str]]
    # With a default in the table: the release before this one writes clients without it.
    for_staff: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Whether it understands `act`: that who acts and whom a token is about may be two (RFC 8693 §4.1).
    acting_for: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: The purpose of each identity claim that it is approved for; NULL, as the release before writes it, for none.
    approved_claims: Mapped[dict[str, Any] | None]
    department_id: Mapped[str | None] = mapped_column(_ID, sa.ForeignKey("departments.id"))
    registration_token_hash: Mapped[str | None] = mapped_column(sa.String(43))
    origin: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ClientSecret(Base):
    """A secret of a client, hashed; two may live side by side while one is exchanged for the other."""

    __tablename__ = "client_secrets"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("clients.client_id"), index=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(43))
    ciphertext: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ClientKey(Base):
    """A public key fetched from a client's jwks_uri, kept until the next fetch."""

    __tablename__ = "client_keys"

    client_id: Mapped[str] = mapped_column(sa.ForeignKey("clients.client_id"), primary_key=True)
    kid: Mapped[str] = mapped_column(primary_key=True)
    public_jwk: Mapped[dict[str, Any]]
    fetched_at: Mapped[datetime]


class ResourceServerRow(Base):
    """An API that accepts our access tokens, and how it wants them."""

    __tablename__ = "resource_servers"

    audience: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    scopes: Mapped[list[str]]
    token_format: Mapped[str]
    algorithm: Mapped[str]
    access_token_seconds: Mapped[int]
    sector: Mapped[str]
    introspection_clients: Mapped[list[str]]
    department_id: Mapped[str | None] = mapped_column(_ID, sa.ForeignKey("departments.id"))
    state: Mapped[str]
    created_at: Mapped[datetime]


class Consent(Base):
    """That a person let a client have something; withdrawn by ending it, never by deleting it."""

    __tablename__ = "consents"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("persons.id"), index=True)
    client_id: Mapped[str] = mapped_column(sa.ForeignKey("clients.client_id"), index=True)
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    actor_person: Mapped[str | None] = mapped_column(_ID)
    on_behalf_of: Mapped[str | None] = mapped_column(_ID)
    office: Mapped[str | None]

    # One live consent per person and client, whatever two browser windows do at once.
    __table_args__ = (
        sa.Index(
            "uq_consents_live",
            "person_id",
            "client_id",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            sqlite_where=sa.text("withdrawn_at IS NULL"),
        ),
    )


class ConsentItem(Base):
    """One scope or claim of a consent, with the text that was shown for it."""

    __tablename__ = "consent_items"

    consent_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("consents.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    separate: Mapped[bool]
    text_digest: Mapped[str] = mapped_column(sa.String(43))
    locale: Mapped[str]
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
