"""Reading an id_token_hint: an ID token of ours, expired or not (OIDC Core §3.1.2.1, RP-Initiated Logout §2)."""

from dataclasses import dataclass

from idp.core.oauth_errors import InvalidRequest, InvalidToken
from idp.tokens.jwt import JwtSigner


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token says of whom it was issued to."""

    sub: str
    sid: str | None
    audience: tuple[str, ...]


class IdTokenHints:
    """Recognises our own ID tokens; their age does not matter, their signature does."""

    def __init__(self, *, signer: JwtSigner, issuer: str) -> None:
        self._signer = signer
        self._issuer = issuer

    def read(self, token: str) -> Hint:
        """Return the hint; raises InvalidRequest where it is not an ID token of this issuer."""
        try:
            claims = self._signer.verify(token, typ="JWT")
        except InvalidToken as error:
            raise InvalidRequest("id_token_hint is not an ID token of this issuer.", detail=error.detail) from None
        audience = claims.get("aud")
        sub, sid = claims.get("sub"), claims.get("sid")
        # A signed userinfo answer looks alike but never expires (RFC 8725 §3.12: no JWT serves two purposes).
        is_ours = claims.get("iss") == self._issuer and isinstance(claims.get("exp"), int)
        if not is_ours or not isinstance(sub, str) or not isinstance(audience, str):
            raise InvalidRequest("id_token_hint is not an ID token of this issuer.")
        return Hint(sub=sub, sid=sid if isinstance(sid, str) else None, audience=(audience,))
