"""Phase 2 of the authorization endpoint: every parameter but client and redirect_uri.

Failures here are told to the client by redirect (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
"""

import json
import re
from collections.abc import Callable
from typing import Any

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
from idp.endpoints.parameters import Parameters, parse_scope
from idp.login.request import AuthorizationRequest
from idp.tokens.claims import IDENTITY_SCOPES

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")  # RFC 7636 §4.2: base64url of a SHA-256
_MAX_CLAIMS_LENGTH = 4096

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
) -> AuthorizationRequest:
    """Return the validated request; raises an OAuthError that names what is wrong."""
    _refuse_unsupported(parameters)
    _check_response_type(parameters, client)
    claims = _claims(parameters.get("claims"))
    hint = parameters.get("id_token_hint")
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
        login_hint=(parameters.get("login_hint") or "")[:128] or None,
        hint_sub=resolve_hint(hint, client) if hint else _sub_demanded(claims),
        ui_locales=tuple((parameters.get("ui_locales") or "").split()[:10]),
        acr_values=tuple((parameters.get("acr_values") or "").split()) or client.default_acr_values,
        essential_acr=_essential_acr(claims),
        claims=claims,
        resources=_resources(parameters, client, resources),
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


def _claims(value: str | None) -> dict[str, Any]:
    """Return the `claims` parameter (OpenID Connect Core §5.5); members not understood stay and are ignored."""
    if value is None:
        return {}
    if len(value) > _MAX_CLAIMS_LENGTH:
        raise InvalidRequest("The claims parameter is too long.")
    try:
        claims = json.loads(value)
    except (ValueError, RecursionError):
        raise InvalidRequest("The claims parameter is not JSON.") from None
    if not isinstance(claims, dict) or not all(
        isinstance(claims.get(place, {}), dict) for place in ("userinfo", "id_token")
    ):
        raise InvalidRequest("The claims parameter must be an object of objects.")
    for place in ("userinfo", "id_token"):
        if not all(each is None or isinstance(each, dict) for each in claims.get(place, {}).values()):
            raise InvalidRequest("A member of the claims parameter must be null or an object.")
    return {place: claims[place] for place in ("userinfo", "id_token") if place in claims}


def _essential_acr(claims: dict[str, Any]) -> tuple[str, ...] | None:
    """Return the `acr` values that must be reached (OpenID Connect Core §5.5.1.1), None where none must."""
    asked = claims.get("id_token", {}).get("acr")
    if not asked or asked.get("essential") is not True:
        return None
    values = asked.get("values", [asked["value"]] if "value" in asked else [])
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise InvalidRequest("The acr claim must list texts.")
    return tuple(values)


def _sub_demanded(claims: dict[str, Any]) -> str | None:
    """Return the `sub` asked for by value: it works like a hint (OpenID Connect Core §5.5.1)."""
    asked = claims.get("id_token", {}).get("sub")
    value = asked.get("value") if asked else None
    return value if isinstance(value, str) else None


def _resources(parameters: Parameters, client: Client, resources: ResourceServers) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(parameters.all("resource")))
    for audience in asked:  # RFC 8707 §2
        if audience not in client.allowed_resources or resources.find(audience) is None:
            raise InvalidTarget()
    return asked
