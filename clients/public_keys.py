"""Public JWK sets that clients give us, by value or behind a jwks_uri (RFC 7517)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from idp.core.hashing import decode_base64url

MAX_KEYS = 30
_MINIMAL_RSA_BITS = 2048
_MAXIMAL_RSA_BITS = 8192

VerificationKey = RSAKey | ECKey | OKPKey

#: Which keys can verify which algorithm: key type and curve.
_KEY_OF_ALGORITHM = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "Ed25519": ("OKP", "Ed25519"),
}
ASYMMETRIC_ALGORITHMS = tuple(_KEY_OF_ALGORITHM)


class UnusableKey(ValueError):
    """A key is not public, too weak, or not readable."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of a client, and under which name it goes."""

    kid: str | None
    jwk: dict[str, Any] = field(repr=False)
    key: VerificationKey = field(repr=False)

    def may_verify(self, algorithm: str) -> bool:
        """Tell whether this key is meant for signatures of `algorithm` (RFC 7517 §4.1-4.4)."""
        key_type, curve = _KEY_OF_ALGORITHM.get(algorithm, (None, None))
        return (
            self.jwk["kty"] == key_type
            and self.jwk.get("crv") == curve
            and self.jwk.get("use", "sig") == "sig"
            and self.jwk.get("alg", algorithm) == algorithm
            and "verify" in self.jwk.get("key_ops", ("verify",))
        )


def import_public_key(jwk: object) -> PublicKey:
    """Return one key; raises UnusableKey for a private, symmetric, weak or malformed one."""
    if not isinstance(jwk, dict) or not all(isinstance(name, str) for name in jwk):
        raise UnusableKey("not an object")
    # Checked before anything reads the key: a client that shows its private key must hear of it.
    if jwk.get("kty") not in ("RSA", "EC", "OKP") or "d" in jwk or "k" in jwk:
        raise UnusableKey("not a public key")
    kid = jwk.get("kid")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= 255 and kid.isprintable()):
        raise UnusableKey("kid")
    try:
        if jwk["kty"] == "RSA":
            bits = len(decode_base64url(str(jwk["n"])).lstrip(b"\0")) * 8
            if not _MINIMAL_RSA_BITS <= bits <= _MAXIMAL_RSA_BITS:
                raise UnusableKey("RSA size")
        key = JWKRegistry.import_key(jwk)
        # Many libraries put the encryption key beside; it is kept, but verifies nothing.
        key.public_key  # noqa: B018 - reading it parses the numbers
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise UnusableKey(type(error).__name__) from None
    if not isinstance(key, RSAKey | ECKey | OKPKey):
        raise UnusableKey("key type")
    return PublicKey(kid, dict(jwk), key)


def import_public_keys(document: object) -> tuple[PublicKey, ...]:
    """Return every key of a set that is given by value; raises UnusableKey when one is not fit."""
    return tuple(import_public_key(jwk) for jwk in _members(document))


def import_usable_keys(document: object) -> tuple[PublicKey, ...]:
    """Return the keys of a fetched set that we understand (RFC 7517 §5: others are skipped).

    Raises UnusableKey where the document is no JWK set.
    """
    keys = []
    for jwk in _members(document):
        try:
            keys.append(import_public_key(jwk))
        except UnusableKey:
            continue
    return tuple(keys)


def _members(document: object) -> Sequence[object]:
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list) or not 0 < len(members) <= MAX_KEYS:
        raise UnusableKey("not a set of keys")
    return members
