"""Which claims a scope or the `claims` parameter asks for, and their values (OpenID Connect Core §5.1-5.5)."""

import json
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import Any

from idp.persons.claim_profiles import Known
from realname.release.identity_claims import APPROVABLE, PROVED_SCOPES

#: OpenID Connect Core §5.4.
SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile",
        "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}  # fmt: skip

#: Those of OpenID Connect Core §5.4 and §11; `openid` alone tells nothing but the `sub`.
STANDARD_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
#: Scopes that a person consents to one by one; the proved ones only a client that is approved may ask for.
IDENTITY_SCOPES = (*STANDARD_SCOPES, *PROVED_SCOPES)
CLAIMS_SUPPORTED = (
    "sub",
    "acr",
    "amr",
    "auth_time",
    "act",
    *(claim for each in SCOPE_CLAIMS.values() for claim in each),
    *sorted(APPROVABLE),
)


def scopes_of_claims(names: Iterable[str]) -> frozenset[str]:
    """Return the scopes that cover claims asked for by name, so that consent is asked in the same words."""
    wanted = set(names)
    return frozenset(scope for scope, claims in SCOPE_CLAIMS.items() if wanted & set(claims))


@lru_cache(maxsize=256)
def claims_of_scopes(scopes: tuple[str, ...]) -> frozenset[str]:
    """Return every claim that one of the scopes covers."""
    return frozenset(claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ()))


def requested_names(claims_request: Mapping[str, Any], place: str) -> frozenset[str]:
    """Return the claims that the `claims` parameter asks for at `userinfo` or `id_token` (§5.5)."""
    members = claims_request.get(place)
    return frozenset(members) if isinstance(members, Mapping) else frozenset()


def select_claims(known: Known, wanted: Set[str]) -> dict[str, Any]:
    """Return the values of the claims that are wanted; what is not known is left out (§5.3.2)."""
    values: dict[str, Any] = dict(known.facts)
    if values.get("address"):
        values["address"] = json.loads(values["address"])
    if known.updated_at is not None:
        values["updated_at"] = int(known.updated_at.timestamp())
    if known.email is not None:
        values["email"], values["email_verified"] = known.email
    if known.mobile is not None:
        values["phone_number"], values["phone_number_verified"] = known.mobile
    return {name: values[name] for name in sorted(wanted & values.keys()) if values[name] not in (None, "")}
