"""The client_credentials grant (RFC 6749 §4.4)."""

from clients.client import Client
from idp.audit.log import Origin
from idp.core.oauth_errors import InvalidScope, UnauthorizedClient
from idp.grants.grant import GrantRequest
from idp.tokens.claims import IDENTITY_SCOPES
from idp.tokens.response import TokenResponse, TokenResponses


class ClientCredentialsGrant:
    """Gives a client a token for itself; no person, so no refresh token, no `acr` and no identity scope."""

    grant_type = "client_credentials"

    def __init__(self, *, responses: TokenResponses) -> None:
        self._responses = responses

    def answer(self, request: GrantRequest, client: Client, origin: Origin) -> TokenResponse:
        """Return an access token; raises UnauthorizedClient, InvalidScope or InvalidTarget."""
        del origin  # nothing changes, so there is nothing to audit (architecture, decision 12)
        if not client.is_confidential:  # RFC 6749 §4.4: only confidential clients
            raise UnauthorizedClient(detail="public client")
        allowed = client.scope.difference(IDENTITY_SCOPES)
        scope = request.scope or tuple(sorted(allowed))
        if not set(scope) <= allowed:
            raise InvalidScope(detail="scope not allowed for the client itself")
        server = self._responses.target_of_client(client, request.resource, scope)
        return self._responses.for_client(client, scope=scope, server=server)
