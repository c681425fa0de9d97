"""The token endpoint (RFC 6749 §3.2): one dispatcher over the grant types, no hooks."""

from collections.abc import Mapping
from dataclasses import dataclass

from clients.authentication import ClientAuthenticator, PresentedCredentials
from idp.audit.log import Origin
from idp.core.oauth_errors import InvalidRequest, InvalidTarget, UnauthorizedClient, UnsupportedGrantType
from idp.endpoints.parameters import Parameters, parse_form, parse_scope
from idp.endpoints.token_limit import TokenLimit
from idp.grants.grant import Grant, GrantRequest
from idp.tokens.response import TokenResponse


@dataclass(frozen=True, slots=True)
class BackChannelCall:
    """A POST from a client: the raw body, so that nothing is lost before it is judged."""

    body: bytes
    content_type: str | None
    query: bytes
    authorization: str | None
    origin: Origin


def credentials_of(call: BackChannelCall, parameters: Parameters) -> PresentedCredentials:
    """Return what the client shows of itself, in the header and in the body."""
    return PresentedCredentials(
        authorization_header=call.authorization,
        client_id=parameters.get("client_id"),
        client_secret=parameters.get("client_secret"),
        client_assertion=parameters.get("client_assertion"),
        client_assertion_type=parameters.get("client_assertion_type"),
    )


class TokenEndpoint:
    """Answers token requests."""

    def __init__(
        self, *, authenticator: ClientAuthenticator, limit: TokenLimit, grants: Mapping[str, Grant], url: str
    ) -> None:
        self._authenticator = authenticator
        self._limit = limit
        self._grants = grants
        self._url = url

    @property
    def grant_types(self) -> tuple[str, ...]:
        """The grant types that this endpoint knows, for discovery."""
        return tuple(self._grants)

    def answer(self, call: BackChannelCall) -> TokenResponse:
        """Return the tokens; raises an OAuthError."""
        # 1. Parse strictly.
        parameters = parse_form(call.body, call.content_type, call.query)
        grant_type = parameters.get("grant_type")
        if grant_type is None:
            raise InvalidRequest("The grant_type parameter is missing.")
        # 2. Authenticate the client (RFC 6749 §3.2.1): before anything is said about the grant.
        client = self._authenticator.authenticate(credentials_of(call, parameters), endpoint_url=self._url)
        self._limit.count(client)
        # 3. May it use this grant?
        grant = self._grants.get(grant_type)
        if grant is None:
            raise UnsupportedGrantType()
        if grant_type not in client.grant_types:
            raise UnauthorizedClient(detail="grant type not registered for the client")
        # 4. The grant fills in what is its own.
        return grant.answer(_grant_request(parameters), client, call.origin)


def _grant_request(parameters: Parameters) -> GrantRequest:
    resources = tuple(dict.fromkeys(parameters.all("resource")))
    if len(resources) > 1:  # RFC 8707 §2.2: a token here has one audience
        raise InvalidTarget("Name one resource for each access token.")
    return GrantRequest(
        code=parameters.get("code"),
        redirect_uri=parameters.get("redirect_uri"),
        code_verifier=parameters.get("code_verifier"),
        refresh_token=parameters.get("refresh_token"),
        scope=parse_scope(parameters.get("scope")),
        resource=resources[0] if resources else None,
    )
