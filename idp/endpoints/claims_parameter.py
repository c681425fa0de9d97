"""The `claims` parameter of an authorization request (OpenID Connect Core §5.5)."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from clients.json_documents import MalformedJson, read_json
from idp.core.oauth_errors import InvalidRequest
from idp.tokens.claims import claims_of_scopes
from idp.tokens.identity_claims import PLACE
from realname.release.identity_claims import IDENTITY_CLAIMS, VERIFIED_CLAIMS
from realname.release.verification_request import (
    MalformedRequest,
    name_of_claim,
    read_verified_claims,
    refuse_value,
)

MAX_LENGTH = 4096
_PLACES = ("userinfo", "id_token")


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What the parameter asks for, reduced to what this provider knows and the client may have.

    `names` lists claims by place, identity claims at a place of their own; `sub` is the subject that was asked
    for by value.
    """

    names: dict[str, Any] = field(default_factory=dict)
    sub: str | None = None
    acr_values: tuple[str, ...] = ()
    acr_is_essential: bool = False


def read_claims(value: str | None, *, scopes: Iterable[str], approved: Set[str] = frozenset()) -> ClaimsRequest:
    """Return what the parameter asks for; raises InvalidRequest where it is not of the specified form.

    `scopes` are those registered for the client: a claim is had only where the scope that covers it might be,
    and what is not understood is ignored (§5.5). `approved` are the identity claims that it may ask for.
    """
    if value is None:
        return ClaimsRequest()
    asked = _members(value)
    allowed = claims_of_scopes(tuple(sorted(scopes))) - approved
    # Only names of ours are kept: what else a client wrote is stored nowhere.
    names = {place: {name: None for name in asked[place] if name in allowed} for place in _PLACES}
    names[PLACE] = _identity(asked, approved)
    acr = asked["id_token"].get("acr") or {}
    return ClaimsRequest(
        names={place: members for place, members in names.items() if members},
        sub=_sub(asked),
        acr_values=_acr_values(acr),
        acr_is_essential=acr.get("essential") is True,
    )


def _identity(asked: Mapping[str, Mapping[str, Any]], approved: Set[str]) -> dict[str, Any]:
    """Return what is asked for of the proved identity, as `asked_identity` reads it.

    Under `id_token` it is read and ignored: an ID token travels in addresses, and not to give a claim is no error
    even where it is essential (§5.5.1).
    """
    try:
        templates = {place: _verified(asked[place], approved) for place in _PLACES}
        for members in asked.values():
            for name, member in members.items():
                if name.partition("#")[0] in IDENTITY_CLAIMS:
                    refuse_value(member)
    except MalformedRequest as problem:
        raise InvalidRequest(str(problem)) from None
    names = sorted(name for name in asked["userinfo"] if name_of_claim(name) in approved)
    found = {"names": names, VERIFIED_CLAIMS: templates["userinfo"] if VERIFIED_CLAIMS in approved else None}
    return {name: value for name, value in found.items() if value}


def _verified(members: Mapping[str, Any], approved: Set[str]) -> Any:
    return read_verified_claims(members[VERIFIED_CLAIMS], approved) if VERIFIED_CLAIMS in members else None


def _members(value: str) -> dict[str, dict[str, Any]]:
    if len(value) > MAX_LENGTH:
        raise InvalidRequest("The claims parameter is too long.")
    try:
        document = read_json(value.encode())
    except MalformedJson:
        raise InvalidRequest("The claims parameter is not JSON.") from None
    places = {name: document.get(name) or {} for name in _PLACES} if isinstance(document, dict) else {}
    if not places or not all(isinstance(members, dict) for members in places.values()):
        raise InvalidRequest("The claims parameter must be an object of objects.")
    for members in places.values():
        if not all(each is None or isinstance(each, dict) for name, each in members.items() if name != VERIFIED_CLAIMS):
            raise InvalidRequest("A member of the claims parameter must be null or an object.")
    return places


def _sub(asked: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return the `sub` asked for by value: it works like a hint (§5.5.1)."""
    values = [(asked[place].get("sub") or {}).get("value") for place in _PLACES]
    found = [value for value in values if value is not None]
    if not all(isinstance(value, str) and value == found[0] for value in found):
        raise InvalidRequest("The sub claim must name one subject.")
    return found[0] if found else None


def _acr_values(acr: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the `acr` values asked for, essential or not (§5.5.1.1)."""
    values = acr.get("values", [acr["value"]] if "value" in acr else [])
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise InvalidRequest("The acr claim must list texts.")
    return tuple(values)
