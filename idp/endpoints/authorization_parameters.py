"""Phase 2 of the authorization endpoint: every parameter but client and redirect_uri.

Failures here are told to the client by redirect (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
"""

import re
from collections.abc import Callable

from clients.client import Client
from clients.resources import ResourceServers
from idp.core.oauth_errors import (
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from idp.endpoints.claims_parameter import ClaimsRequest, read_claims
from idp.endpoints.parameters import Parameters, parse_scope
from idp.login.request import AuthorizationRequest
from idp.tokens.claims import IDENTITY_SCOPES
from realname.release.identity_claims import claims_covered

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
# Resident numbers of either length, whatever their check digit (architecture, decision 9).
_DOCUMENT_NUMBER = re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")  # RFC 7636 §4.2: base64url of a SHA-256

#: Reads the `sub` of an id_token_hint, raising InvalidRequest where it is not one of ours.
HintResolver = Callable[[str, Client], str]


def read_request(
    parameters: Parameters,
    client: Client,
    *,
    redirect_uri: str,
    response_mode: str,
    resources: ResourceServers,
    resolve_hint: HintResolver,
    issuer: str,
) -> AuthorizationRequest:
    """Return the validated request; raises an OAuthError that names what is wrong."""
    _refuse_unsupported(parameters)
    _check_response_type(parameters, client)
    claims = read_claims(parameters.get("claims"), scopes=client.scope, approved=client.approved_claims.keys())
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        redirect_uri_sent="redirect_uri" in parameters,
        scope=_scope(parameters, client, resources),
        response_mode=response_mode,
        state=parameters.get("state"),
        nonce=parameters.get("nonce"),
        code_challenge=_code_challenge(parameters, client),
        prompt=_prompt(parameters.get("prompt")),
        max_age=_max_age(parameters.get("max_age"), client),
        login_hint=_login_hint(parameters.get("login_hint")),
        hint_sub=_hint_sub(parameters.get("id_token_hint"), claims, client, resolve_hint),
        ui_locales=tuple((parameters.get("ui_locales") or "").split()[:10]),
        acr_values=_acr_values(parameters.get("acr_values"), claims, client),
        # Essential without a value asks only that `acr` be told, and it always is.
        essential_acr=(claims.acr_values or None) if claims.acr_is_essential else None,
        claims=claims.names,
        resources=_resources(parameters, client, resources, issuer),
    )


def _refuse_unsupported(parameters: Parameters) -> None:
    # OpenID Connect Core §3.1.2.6 names an error for each.
    if "request" in parameters:
        raise RequestNotSupported()
    if "request_uri" in parameters:
        raise RequestUriNotSupported()
    if "registration" in parameters:
        raise RegistrationNotSupported()


def _check_response_type(parameters: Parameters, client: Client) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise InvalidRequest("The response_type parameter is missing.")
    if response_type != "code":
        raise UnsupportedResponseType()
    if "code" not in client.response_types or "authorization_code" not in client.grant_types:
        raise UnauthorizedClient("The client may not use response_type code.")


def _scope(parameters: Parameters, client: Client, resources: ResourceServers) -> tuple[str, ...]:
    asked = parse_scope(parameters.get("scope"))
    known = {*IDENTITY_SCOPES, *client.scope}
    for audience in client.allowed_resources:
        server = resources.find(audience)
        known.update(server.scopes if server else ())
    # OpenID Connect Core §3.1.2.1: scopes that are not understood are ignored; known ones need registration.
    understood = tuple(each for each in asked if each in known)
    if not understood:
        raise InvalidScope("The request names no scope that is known here.")
    if not set(understood) <= client.scope:
        raise InvalidScope("A scope is not registered for this client.")
    # A person is never asked to consent to what the client would not get.
    if not claims_covered(understood) <= client.approved_claims.keys():
        raise InvalidScope("The client is not approved for the identity claims of a scope.")
    return understood


def _code_challenge(parameters: Parameters, client: Client) -> str | None:
    challenge, method = parameters.get("code_challenge"), parameters.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise InvalidRequest("code_challenge_method was sent without code_challenge.")
        if client.require_pkce or not client.is_confidential:  # RFC 9700 §2.1.1
            raise InvalidRequest("code_challenge is required.")
        return None
    # RFC 7636 §4.3: an omitted method means plain, which is refused.
    if method != "S256":
        raise InvalidRequest("code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("code_challenge is malformed.")
    return challenge


def _prompt(value: str | None) -> tuple[str, ...]:
    prompts = tuple(dict.fromkeys((value or "").split()))
    if not set(prompts) <= PROMPTS:
        raise InvalidRequest("A prompt value is not supported.")
    if "none" in prompts and len(prompts) > 1:  # OpenID Connect Core §3.1.2.1
        raise InvalidRequest("prompt none stands alone.")
    return prompts


def _max_age(value: str | None, client: Client) -> int | None:
    if value is None:
        return client.default_max_age
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise InvalidRequest("max_age must be a whole number of seconds.")
    return int(value)


def _login_hint(value: str | None) -> str | None:
    """Return the hint for the login page, never a document number: those do not belong into an address."""
    if value is None or _DOCUMENT_NUMBER.fullmatch(value.strip()):
        return None
    return value[:128]


def _hint_sub(hint: str | None, claims: ClaimsRequest, client: Client, resolve: HintResolver) -> str | None:
    """Return the one `sub` that may answer, by the hint or by the claims parameter."""
    if hint is None:
        return claims.sub
    sub = resolve(hint, client)
    if claims.sub not in (None, sub):
        raise InvalidRequest("id_token_hint and claims name different subjects.")
    return sub


def _acr_values(value: str | None, claims: ClaimsRequest, client: Client) -> tuple[str, ...]:
    # OpenID Connect Core §5.5.1.1: a voluntary acr claim asks for the same as acr_values.
    voluntary = () if claims.acr_is_essential else claims.acr_values
    return tuple((value or "").split()) or voluntary or client.default_acr_values


def _resources(parameters: Parameters, client: Client, resources: ResourceServers, issuer: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(parameters.all("resource")))
    for audience in asked:  # RFC 8707 §2; the issuer itself stands for userinfo
        server = resources.find(audience) if audience in client.allowed_resources else None
        if audience != issuer and (server is None or not server.is_active):
            raise InvalidTarget()
    return asked
