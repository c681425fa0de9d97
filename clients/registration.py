"""Dynamic client registration and its management, without HTTP (RFC 7591, RFC 7592)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from clients.administration import ClientAdministration
from clients.changes import ChangeRefusal, ClientChangeRefused, ClientSource
from clients.client import AuthMethod, ClientState
from clients.models import ClientRow
from clients.overrides import Overrides
from clients.registry import ClientRegistry, is_client_id
from clients.secrets import is_secret_of
from idp.audit.log import NOWHERE, Origin
from idp.core.errors import IdpError
from idp.core.hashing import hash_secret, secrets_equal
from idp.core.ids import new_secret
from idp.core.oauth_errors import InvalidClientMetadata, InvalidToken, OAuthError
from idp.storage.engine import Database

# RFC 7592 §2.2: what the server alone says must not come back.
_SERVER_MEMBERS = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
_DUMMY_HASH = hash_secret(new_secret())


class RegistrationForbidden(IdpError):
    """Registration is closed here, or the client may no longer manage itself; the endpoint answers 403."""


class DynamicRegistration:
    """Lets clients register and manage themselves, as far as the setting opens it.

    `registration_endpoint` is its absolute URL; a client's own lies below it.
    """

    def __init__(
        self,
        *,
        database: Database,
        registry: ClientRegistry,
        administration: ClientAdministration,
        registration_endpoint: str,
        is_open: bool,
        assertion_audience: str = "issuer",
        allowed_resources: tuple[str, ...] = (),
    ) -> None:
        self._database = database
        self._registry = registry
        self._administration = administration
        self._endpoint = registration_endpoint
        self._is_open = is_open
        self._assertion_audience = assertion_audience
        self._allowed_resources = allowed_resources

    def register(self, document: Mapping[str, Any], *, origin: Origin = NOWHERE) -> dict[str, Any]:
        """Register a client and return the client information response (RFC 7591 §3.2.1).

        Raises RegistrationForbidden, InvalidRedirectUri or InvalidClientMetadata.
        """
        self._require_open()
        _require_object(document)
        token = new_secret()
        is_public = document.get("token_endpoint_auth_method") == AuthMethod.NONE
        created = self._administration.create(
            document,
            origin=origin,
            source=ClientSource.DYNAMIC,
            overrides=Overrides(
                # Libraries send no challenge by themselves, and RFC 9700 §2.1.1 asks it of public clients.
                require_pkce=is_public,
                require_consent=True,
                assertion_audience=self._assertion_audience,
                allowed_resources=self._allowed_resources,
            ),
            registration_token_hash=hash_secret(token),
        )
        return self._information(self._row(created.client.client_id), token, created.client_secret)

    def read(self, client_id: str, token: str) -> dict[str, Any]:
        """Return the client's registration without its secret, which is not kept (RFC 7592 §2.1).

        Raises InvalidToken, also for an unknown client, or RegistrationForbidden.
        """
        return self._information(self._authorized(client_id, token), token, None)

    def update(
        self, client_id: str, token: str, document: Mapping[str, Any], *, origin: Origin = NOWHERE
    ) -> dict[str, Any]:
        """Replace the whole metadata (RFC 7592 §2.2); an omitted member is reset, not kept.

        Raises as `read` and `register` do.
        """
        row = self._authorized(client_id, token)
        self._require_open()
        _require_object(document)
        if document.get("client_id") != client_id:
            raise InvalidClientMetadata("client_id must be that of the client.")
        if any(name in document for name in _SERVER_MEMBERS):
            raise InvalidClientMetadata("The request holds a member that only the server sets.")
        self._check_secret(client_id, document)
        becomes_public = document.get("token_endpoint_auth_method") == AuthMethod.NONE
        try:
            changed = self._administration.update(
                client_id,
                document,
                origin=origin,
                overrides=Overrides(require_pkce=True if becomes_public else None),
                expected_version=row.version,
            )
        except ClientChangeRefused as refused:
            raise _as_oauth_error(refused) from None
        return self._information(self._row(client_id), token, changed.client_secret)

    def delete(self, client_id: str, token: str, *, origin: Origin = NOWHERE) -> None:
        """Delete the client (RFC 7592 §2.3); raises as `read` does."""
        self._authorized(client_id, token)
        try:
            self._administration.delete(client_id, origin=origin)
        except ClientChangeRefused as refused:
            raise _as_oauth_error(refused) from None

    def _require_open(self) -> None:
        if not self._is_open:
            raise RegistrationForbidden("dynamic registration is closed")

    def _authorized(self, client_id: str, token: str) -> ClientRow:
        """Return the client whose registration access token this is."""
        row = self._row_or_none(client_id)
        stored = row.registration_token_hash if row is not None else None
        # The hash is the client's own, so another client's token is wrong here. An unknown client costs and
        # says the same (RFC 7592 §2.1: 401).
        is_right = secrets_equal(hash_secret(token), stored or _DUMMY_HASH)
        if row is None or stored is None or not is_right:
            raise InvalidToken(detail="registration access token")
        if row.state == ClientState.DISABLED:
            raise RegistrationForbidden("the client is disabled")
        return row

    def _row(self, client_id: str) -> ClientRow:
        row = self._row_or_none(client_id)
        if row is None:
            raise InvalidToken(detail="the client was deleted meanwhile")
        return row

    def _row_or_none(self, client_id: str) -> ClientRow | None:
        if not is_client_id(client_id):
            return None
        with self._database.read() as session:
            return session.scalar(
                sa.select(ClientRow).where(ClientRow.client_id == client_id, ClientRow.state != ClientState.DELETED)
            )

    def _check_secret(self, client_id: str, document: Mapping[str, Any]) -> None:
        # RFC 7592 §2.2: a client_secret that comes along is the current one, never a wish.
        presented = document.get("client_secret")
        if presented is None:
            return
        if not isinstance(presented, str) or not is_secret_of(self._registry.find(client_id), presented):
            raise InvalidClientMetadata("client_secret is not the current one.")

    def _information(self, row: ClientRow, token: str, secret: str | None) -> dict[str, Any]:
        """Return the client information response (RFC 7591 §3.2.1, RFC 7592 §3), defaults included."""
        information = dict(row.client_metadata)
        information["client_id"] = row.client_id
        information["client_id_issued_at"] = int(row.created_at.timestamp())
        if secret is not None:
            information["client_secret"] = secret
            information["client_secret_expires_at"] = 0
        information["registration_access_token"] = token
        information["registration_client_uri"] = f"{self._endpoint}/{quote(row.client_id, safe='')}"
        return information


def _require_object(document: object) -> None:
    # What a parser hands over may be any JSON.
    if not isinstance(document, Mapping):
        raise InvalidClientMetadata("The metadata is not a JSON object.")


def _as_oauth_error(refused: ClientChangeRefused) -> OAuthError:
    if refused.reason is ChangeRefusal.VERSION_CONFLICT:
        return InvalidClientMetadata("The client was changed meanwhile. Read it again.")
    return InvalidToken(detail="the client was deleted meanwhile")
