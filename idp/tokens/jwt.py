"""Signing and verifying our own JWTs, always with a key named on purpose (RFC 7515, RFC 8725)."""

import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from idp.core.oauth_errors import InvalidToken
from idp.crypto.signing import SIGNING_ALGORITHMS
from idp.tokens.signing_keys import SigningKeys

# Larger than any token that we issue; what is longer is refused before it is parsed.
MAX_TOKEN_LENGTH = 8192


class JwtSigner:
    """Signs claims with the key that signs now."""

    def __init__(self, *, keys: SigningKeys) -> None:
        self._keys = keys

    def sign(self, claims: dict[str, Any], *, algorithm: str, typ: str) -> str:
        """Return a compact JWS over `claims` with `typ` and `kid` in its header (RFC 8725 §3.11)."""
        key = self._keys.signing(algorithm)
        header = {"alg": algorithm, "typ": typ, "kid": key.kid}
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        return jws.serialize_compact(header, payload, key.private, algorithms=[algorithm])

    def verify(self, token: str, *, typ: str) -> dict[str, Any]:
        """Return the claims of a token that we signed as `typ`; times are the caller's to judge.

        Raises InvalidToken for everything else: another algorithm, an unknown key, another type.
        """
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise InvalidToken(detail="token too long or not ASCII")
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
        return claims
