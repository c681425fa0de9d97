"""Looking clients up: the one place where rows become a Client."""

import re
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.client import AuthMethod, Client, ClientState, SecretHash
from clients.memory import RegistryMark, Remembered
from clients.models import ClientRow, ClientSecret
from idp.core.clock import Clock
from idp.storage.engine import Database

# RFC 6749 appendix A.1, *VSCHAR; the blank is left out, since nobody issues it and eyes miss it.
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,255}")


def is_client_id(text: object) -> bool:
    """Tell whether `text` could be a client's id at all."""
    return isinstance(text, str) and _CLIENT_ID.fullmatch(text) is not None


class ClientRegistry:
    """Finds clients with their live secrets."""

    def __init__(self, *, database: Database, clock: Clock, mark: RegistryMark | None = None) -> None:
        """Without a `mark` every look-up reads the database."""
        self._database = database
        self._clock = clock
        self._remembered: Remembered[Client] | None = Remembered(mark=mark, clock=clock) if mark else None

    def find(self, client_id: str) -> Client | None:
        """Return the client in whatever state it is, or None where it is unknown or deleted."""
        if not is_client_id(client_id):
            return None
        if self._remembered is None:
            return self._load(client_id)
        client = self._remembered.get(client_id, self._load)
        if client is None or all(secret.expires_at is None for secret in client.secrets):
            return client
        # A secret's time may have come since the client was read.
        now = self._clock.now()
        live = tuple(secret for secret in client.secrets if secret.expires_at is None or secret.expires_at > now)
        return replace(client, secrets=live)

    def _load(self, client_id: str) -> Client | None:
        with self._database.read() as session:
            return self.find_in(session, client_id)

    def find_in(self, session: Session, client_id: str) -> Client | None:
        """Do the same within a transaction that is already open."""
        if not is_client_id(client_id):
            return None
        now = self._clock.now()
        is_live = sa.and_(
            ClientSecret.client_id == ClientRow.client_id,
            ClientSecret.revoked_at.is_(None),
            sa.or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > now),
        )
        found = session.execute(
            sa.select(ClientRow, ClientSecret)
            .outerjoin(ClientSecret, is_live)
            .where(ClientRow.client_id == client_id, ClientRow.state != ClientState.DELETED)
            .order_by(ClientSecret.created_at.desc())
            # A row may lie in the session from before a statement that changed it.
            .execution_options(populate_existing=True)
        ).all()
        if not found:
            return None
        return to_client(found[0][0], [secret for _, secret in found if secret is not None])


def to_client(row: ClientRow, secrets: Sequence[ClientSecret]) -> Client:
    """Return the client that a row and its live secrets describe."""
    metadata = row.client_metadata
    return Client(
        client_id=row.client_id,
        version=row.version,
        state=ClientState(row.state),
        client_name=metadata.get("client_name", ""),
        metadata=metadata,
        redirect_uris=tuple(metadata.get("redirect_uris", ())),
        post_logout_redirect_uris=tuple(metadata.get("post_logout_redirect_uris", ())),
        response_types=tuple(metadata.get("response_types", ())),
        grant_types=tuple(metadata.get("grant_types", ())),
        application_type=metadata.get("application_type", "web"),
        scope=frozenset(metadata.get("scope", "").split()),
        token_endpoint_auth_method=AuthMethod(metadata["token_endpoint_auth_method"]),
        token_endpoint_auth_signing_alg=metadata.get("token_endpoint_auth_signing_alg"),
        jwks=metadata.get("jwks"),
        jwks_uri=metadata.get("jwks_uri"),
        id_token_signed_response_alg=metadata.get("id_token_signed_response_alg", "RS256"),
        userinfo_signed_response_alg=metadata.get("userinfo_signed_response_alg"),
        default_max_age=metadata.get("default_max_age"),
        require_auth_time=metadata.get("require_auth_time", False),
        default_acr_values=tuple(metadata.get("default_acr_values", ())),
        backchannel_logout_uri=metadata.get("backchannel_logout_uri"),
        backchannel_logout_session_required=metadata.get("backchannel_logout_session_required", False),
        frontchannel_logout_uri=metadata.get("frontchannel_logout_uri"),
        frontchannel_logout_session_required=metadata.get("frontchannel_logout_session_required", False),
        client_uri=metadata.get("client_uri"),
        sector=row.sector,
        subject_type=row.subject_type,
        require_pkce=row.require_pkce,
        require_consent=row.require_consent,
        assertion_audience=row.assertion_audience,
        allowed_resources=tuple(row.allowed_resources),
        for_staff=row.for_staff,
        acting_for=row.acting_for,
        approved_claims=row.approved_claims or {},
        secrets=tuple(
            SecretHash(secret.id, secret.secret_hash, secret.ciphertext, secret.expires_at) for secret in secrets
        ),
    )
