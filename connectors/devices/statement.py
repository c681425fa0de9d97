"""What a device says, signed: a compact JWS read strictly and believed by the device's own key alone (RFC 7515)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry, deserialize_compact

from connectors.devices.device_key import ALGORITHM
from idp.core.hashing import decode_base64url
from idp.outbound.answer import read_object

#: A reading is some 1,200 characters.
MAX_STATEMENT_LENGTH = 4_096
#: How far a device's clock may be from ours.
SKEW_SECONDS = 60

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# RFC 7515 §4.1.2-4.1.8, §4.1.11: keys come from the enrolment only, and nobody needs `crit` here.
_REFUSED_HEADERS = ("crit", "jku", "jwk", "x5u", "x5c")


@dataclass(frozen=True, slots=True)
class Statement:
    """A JWS that was read but is not believed before `is_signed_by` and `is_for` said so."""

    compact: str = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)

    def is_signed_by(self, key: ECKey) -> bool:
        """Tell whether this key made the signature."""
        try:
            deserialize_compact(self.compact, key, registry=_registry())
        except (JoseError, ValueError):
            return False
        return True

    def is_for(self, issuer: str) -> bool:
        """Tell whether we alone are meant: `aud` is one text."""
        return self.claims.get("aud") == issuer

    def instant(self, name: str) -> float | None:
        """Return a NumericDate of the claims (RFC 7519 §2), or None; a bool is an int in Python, but not here."""
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e12 < value < 1e12:
            return None
        return float(value)

    def text(self, name: str, *, most: int = 255) -> str | None:
        """Return a claim that is a text of visible ASCII, or None."""
        value = self.claims.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= most:
            return None
        return value if value.isascii() and value.isprintable() else None

    def is_fresh(self, *, now: float) -> bool:
        """Tell whether it was made just now by a clock that is nearly right."""
        made_at = self.instant("iat")
        return made_at is not None and abs(now - made_at) <= SKEW_SECONDS


def read_statement(compact: str, *, typ: str) -> Statement | None:
    """Return a statement of this type, or None for anything else; the type keeps one from passing as another."""
    if len(compact) > MAX_STATEMENT_LENGTH or _COMPACT.fullmatch(compact) is None:
        return None
    try:
        header, claims = (read_object(decode_base64url(part)) for part in compact.split(".")[:2])
    except ValueError:
        return None
    if header.get("alg") != ALGORITHM or header.get("typ") != typ:
        return None
    if any(name in header for name in _REFUSED_HEADERS):
        return None
    return Statement(compact, claims)


def _registry() -> JWSRegistry:
    # Members like `kid` or ones of the maker's own are let be: nothing here goes by them.
    return JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
