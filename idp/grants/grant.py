"""What every grant type gets and gives."""

from dataclasses import dataclass
from typing import Protocol

from clients.client import Client
from idp.audit.log import Origin
from idp.tokens.response import TokenResponse


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """The parameters of a token request that grant types read (RFC 6749 §4.1.3, §6, §4.4.2; RFC 8707 §2.2)."""

    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: tuple[str, ...] = ()
    resource: str | None = None


class Grant(Protocol):
    """One grant type."""

    grant_type: str

    def answer(self, request: GrantRequest, client: Client, origin: Origin) -> TokenResponse:
        """Return the tokens that the client is due, once. Raises an OAuthError."""
