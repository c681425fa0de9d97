"""Who may call the API: an approved system by itself, never in the name of a person."""

from clients.client import Client
from clients.resources import ResourceServers
from idp.core.oauth_errors import InsufficientScope, InvalidToken, MissingToken
from idp.tokens.verify import AccessTokenVerifier


class Callers:
    """Tells which client a token speaks for."""

    def __init__(self, *, verifier: AccessTokenVerifier, resources: ResourceServers, audience: str) -> None:
        self._verifier = verifier
        self._resources = resources
        self._audience = audience

    def admit(self, authorization: str | None, scope: str) -> Client:
        """Return the client; raises MissingToken, InvalidToken or InsufficientScope."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise MissingToken()
        good = self._verifier.verify(token.strip())
        server = self._resources.find(self._audience)
        if good.audience != self._audience or server is None or not server.is_active:
            raise InvalidToken(detail="the token is for another resource server")
        client = good.client
        if good.state is not None:
            raise InsufficientScope(detail="a person's token", client_id=client.client_id)
        # What administration took back since the token was issued is gone at once.
        is_approved = self._audience in client.allowed_resources and scope in client.scope
        if scope not in good.scope or not is_approved:
            raise InsufficientScope(detail=f"without {scope}", client_id=client.client_id)
        return client
