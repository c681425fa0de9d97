"""The one table of identity claims: which there are, what each needs, and which scope covers it.

All of them are sensitive: a client has one only where it is approved for it and the person consented to it by
itself (PIPL art. 29). The age claims let a client do its work without learning the day of birth (PIPL art. 6).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

#: The container of OpenID Connect for Identity Assurance 1.0 §5; approved and consented to like a claim.
VERIFIED_CLAIMS = "verified_claims"
#: Number and name agree with an authoritative source: what identity claims need at least.
LEAST_IAL = 2
#: 民法典 art. 17-20 (18), 刑法 art. 17 (14 and 16), 老年人权益保障法 art. 2 (60).
AGES = (14, 16, 18, 60)


class Source(StrEnum):
    """What a claim is computed from."""

    NAME = "name"  # the name as a proofing found it
    NUMBER = "number"  # the number that is current, itself
    BIRTH_DATE = "birth_date"  # in the current number, or proved beside it
    SEX = "sex"
    DOCUMENT = "document"  # the kind of document, and what its number says


@dataclass(frozen=True, slots=True)
class IdentityClaim:
    """A claim, the least identity level that it needs, and its scope; without one it is asked for by name."""

    name: str
    source: Source
    scope: str | None = None
    least_ial: int = LEAST_IAL


def age_claim(years: int) -> str:
    """Return the name of the claim that says whether somebody is so old."""
    return f"age_over_{years}"


IDENTITY_CLAIMS: Mapping[str, IdentityClaim] = {
    claim.name: claim
    for claim in (
        IdentityClaim("real_name", Source.NAME, scope="identity"),
        IdentityClaim("id_number_masked", Source.NUMBER, scope="identity"),
        IdentityClaim("id_number", Source.NUMBER, scope="id_number"),
        IdentityClaim("birthdate", Source.BIRTH_DATE),
        IdentityClaim("gender", Source.SEX),
        IdentityClaim("nationality", Source.DOCUMENT),
        *(IdentityClaim(age_claim(years), Source.BIRTH_DATE, scope="age") for years in AGES),
    )
}
PROVED_SCOPES = tuple(dict.fromkeys(claim.scope for claim in IDENTITY_CLAIMS.values() if claim.scope is not None))
_COVERED = {
    scope: frozenset(name for name, claim in IDENTITY_CLAIMS.items() if claim.scope == scope) for scope in PROVED_SCOPES
}
#: What a client can be approved for.
APPROVABLE = frozenset({*IDENTITY_CLAIMS, VERIFIED_CLAIMS})
#: What a person consents to, each by itself: a scope, or a claim that was asked for by name.
PROVED_ITEMS = APPROVABLE.union(PROVED_SCOPES)


def claims_covered(scopes: Iterable[str]) -> frozenset[str]:
    """Return the identity claims that one of the scopes covers."""
    return frozenset().union(*(_COVERED[scope] for scope in scopes if scope in _COVERED))
