"""Signing and verifying our own JWTs, always with a key named on purpose (RFC 7515, RFC 8725)."""

import json
from collections import OrderedDict
from functools import lru_cache
from threading import Lock
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64encode

from idp.core.oauth_errors import InvalidToken
from idp.crypto.signing import SIGNING_ALGORITHMS
from idp.tokens.signing_keys import SigningKey, SigningKeys

# Larger than any token that we issue; what is longer is refused before it is parsed.
MAX_TOKEN_LENGTH = 8192
# Some 2.6 KiB each.
_MOST_VERIFIED = 2048
_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_REGISTRY = jws.JWSRegistry(algorithms=list(SIGNING_ALGORITHMS))
_ALGORITHMS = {name: _REGISTRY.get_alg(name) for name in SIGNING_ALGORITHMS}


@lru_cache(maxsize=64)
def _header(algorithm: str, typ: str, kid: str) -> bytes:
    return urlsafe_b64encode(_encode_json({"alg": algorithm, "typ": typ, "kid": kid}).encode())


class JwtSigner:
    """Signs claims with the key that signs now."""

    def __init__(self, *, keys: SigningKeys) -> None:
        self._keys = keys
        self._lock = Lock()
        # Signatures that were found good; an API asks about one token many times in its short life.
        self._verified: OrderedDict[str, tuple[SigningKey, str, dict[str, Any]]] = OrderedDict()

    def sign(self, claims: dict[str, Any], *, algorithm: str, typ: str) -> str:
        """Return a compact JWS over `claims` with `typ` and `kid` in its header (RFC 8725 §3.11)."""
        key = self._keys.signing(algorithm)
        signed = _header(algorithm, typ, key.kid) + b"." + urlsafe_b64encode(_encode_json(claims).encode())
        # The library's algorithm over RFC 7515 §5.1: its generic serializer looks at each header and key anew.
        signature = _ALGORITHMS[algorithm].sign(signed, key.ready)
        return (signed + b"." + urlsafe_b64encode(signature)).decode("ascii")

    def verify(self, token: str, *, typ: str) -> dict[str, Any]:
        """Return the claims of a token that we signed as `typ`; times are the caller's to judge.

        Raises InvalidToken for everything else: another algorithm, an unknown key, another type.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise InvalidToken(detail="token too long or not ASCII")
        known = self._verified.get(token)
        # Only while its key is the very one that verified it, and only as the type that it was.
        if known is not None and known[1] == typ and self._keys.find(known[0].kid) is known[0]:
            return dict(known[2])
        try:
            parsed = jws.extract_compact(token.encode())
            header = parsed.headers()
            kid, algorithm = header.get("kid"), header.get("alg")
            key = self._keys.find(kid) if isinstance(kid, str) else None
            # The header's own keys are never looked at (ASVS 9.1.3); the algorithm is the key's (9.1.2).
            if key is None or algorithm != key.algorithm or algorithm not in SIGNING_ALGORITHMS:
                raise InvalidToken(detail="unknown key or algorithm")
            if header.get("typ") != typ:
                raise InvalidToken(detail="another type of token")
            if "crit" in header:
                raise InvalidToken(detail="critical header not understood")
            if not jws.validate_compact(parsed, key.private, algorithms=[algorithm]):
                raise InvalidToken(detail="bad signature")
            claims = json.loads(parsed.payload)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise InvalidToken(detail=f"malformed token: {type(error).__name__}") from None
        if not isinstance(claims, dict):
            raise InvalidToken(detail="claims are not an object")
        with self._lock:
            self._verified[token] = (key, typ, claims)
            if len(self._verified) > _MOST_VERIFIED:
                self._verified.popitem(last=False)
        return dict(claims)
