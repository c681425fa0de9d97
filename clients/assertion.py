"""Client assertions: JWTs by which clients authenticate (RFC 7523 §3, RFC 10070, OpenID Connect Core §9)."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry, deserialize_compact

from clients.json_documents import MalformedJson, read_json
from clients.public_keys import VerificationKey
from idp.core.hashing import decode_base64url
from idp.core.oauth_errors import InvalidClient

MAX_ASSERTION_LENGTH = 8_192
MAX_LIFE_SECONDS = 300
SKEW_SECONDS = 60
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# RFC 10070 §4 names the first; libraries that are older say JWT or nothing. Other types (a logout token,
# an access token, a DPoP proof) were signed for something else.
_TYPES = frozenset({"client-authentication+jwt", "application/client-authentication+jwt", "jwt"})
# RFC 7515 §4.1.2, §4.1.3, §4.1.5: keys come from the registration only. Nobody needs `crit` here.
_REFUSED_HEADERS = ("crit", "jku", "jwk", "x5u")


@dataclass(frozen=True, slots=True)
class UnverifiedAssertion:
    """An assertion that was read but not believed: enough to find the client and its keys."""

    compact: str = field(repr=False)
    client_id: str
    algorithm: str
    kid: str | None
    claims: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UseOnce:
    """The `jti` of a believed assertion, how long it must be remembered, and when it was made at the earliest."""

    jti: str
    seconds: int
    made_at: float

    def is_older_than(self, epoch: datetime) -> bool:
        """Tell whether it may have been used before `epoch`, when the store last forgot what was used."""
        return self.made_at < epoch.timestamp()

    def is_doubtful(self, epoch: datetime, *, now: float) -> bool:
        """Tell whether the store alone may not vouch for it: its `iat` lies ahead, or did before `epoch` began.

        By a clock as far ahead as is forgiven, it may have been used before the epoch that it seems to follow.
        """
        return self.made_at > now or self.made_at - SKEW_SECONDS <= epoch.timestamp()


def read_assertion(compact: str) -> UnverifiedAssertion:
    """Return the parts of a compact JWS; raises InvalidClient for anything else."""
    if len(compact) > MAX_ASSERTION_LENGTH or _COMPACT.fullmatch(compact) is None:
        raise InvalidClient(detail="assertion: not a compact JWS")
    header, claims = (_read_part(part) for part in compact.split(".")[:2])
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or not isinstance(kid, str | None) or not isinstance(kind, str):
        raise InvalidClient(detail="assertion: header")
    if kind.lower() not in _TYPES or any(name in header for name in _REFUSED_HEADERS):
        raise InvalidClient(detail="assertion: header")
    issuer = claims.get("iss")
    # RFC 7523 §3 (2.B): both are the client_id. A list would match by accident elsewhere.
    if not isinstance(issuer, str) or claims.get("sub") != issuer:
        raise InvalidClient(detail="assertion: iss and sub")
    return UnverifiedAssertion(compact, issuer, algorithm, kid, claims)


def _read_part(part: str) -> dict[str, Any]:
    try:
        document = read_json(decode_base64url(part))
    except (MalformedJson, ValueError):
        raise InvalidClient(detail="assertion: encoding") from None
    if not isinstance(document, dict):
        raise InvalidClient(detail="assertion: not an object")
    return document


def is_signed_by(assertion: UnverifiedAssertion, keys: Iterable[VerificationKey | OctKey]) -> bool:
    """Tell whether one of the keys made the signature, by the algorithm that the header names."""
    # The algorithm was compared with the registered ones before; here it can be no other.
    registry = JWSRegistry(algorithms=[assertion.algorithm], strict_check_header=False)
    for key in keys:
        try:
            deserialize_compact(assertion.compact, key, registry=registry)
        except (JoseError, ValueError):
            continue
        return True
    return False


def check_claims(assertion: UnverifiedAssertion, *, audiences: frozenset[str], sole: bool, now: float) -> UseOnce:
    """Check audience, times and jti of an assertion whose signature is good; raises InvalidClient.

    With `sole` the audience is the issuer alone (RFC 10070), as one text (FAPI 2.0 §5.3.2.1), else a list will do.
    """
    claims = assertion.claims
    audience = claims.get("aud")
    values = audience if isinstance(audience, list) and not sole else [audience]
    if not any(isinstance(value, str) and value in audiences for value in values):
        raise InvalidClient(detail="assertion: aud")
    expires = _instant(claims.get("exp"))
    if expires is None or not now - SKEW_SECONDS < expires <= now + MAX_LIFE_SECONDS + SKEW_SECONDS:
        raise InvalidClient(detail="assertion: exp")
    for name in ("iat", "nbf"):
        if name in claims:
            start = _instant(claims[name])
            if start is None or start > now + SKEW_SECONDS or start > expires:
                raise InvalidClient(detail="assertion: iat or nbf")
    jti = claims.get("jti")
    # OpenID Connect Core §9: required, and used once.
    if not isinstance(jti, str) or not 0 < len(jti) <= 255 or not jti.isprintable():
        raise InvalidClient(detail="assertion: jti")
    # Without `iat` the latest `exp` that is ever accepted tells how young the assertion is at most.
    made_at = _instant(claims["iat"]) if "iat" in claims else None
    if made_at is None:
        made_at = expires - MAX_LIFE_SECONDS - SKEW_SECONDS
    return UseOnce(jti, math.ceil(expires - now) + SKEW_SECONDS + 1, made_at)


def _instant(value: object) -> float | None:
    """Return a NumericDate (RFC 7519 §2), or None; a bool is an int in Python, but not here."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
        return None
    return float(value)
