"""A login that a client shows again by its ID token: who, when, at which level; never without that client's name."""

from dataclasses import dataclass
from datetime import UTC, datetime

from idp.core.oauth_errors import InvalidToken
from idp.tokens.jwt import JwtSigner


@dataclass(frozen=True, slots=True)
class ShownLogin:
    """What an ID token says of the login that it was issued for."""

    sub: str
    acr: str | None
    auth_time: datetime


class ShownLogins:
    """Reads ID tokens of ours that their own client hands back."""

    def __init__(self, *, signer: JwtSigner, issuer: str) -> None:
        self._signer = signer
        self._issuer = issuer

    def read(self, token: str, *, client_id: str) -> ShownLogin | None:
        """Return the login, None where this is no ID token of ours for that client, or one about somebody else.

        Its own lifetime does not count: whoever asks looks at the time of the login.
        """
        try:
            claims = self._signer.verify(token, typ="JWT")
        except InvalidToken:
            return None
        sub, auth_time, acr = claims.get("sub"), claims.get("auth_time"), claims.get("acr")
        # A signed userinfo answer looks alike but never expires (RFC 8725 §3.12: no JWT serves two purposes).
        is_ours = claims.get("iss") == self._issuer and isinstance(claims.get("exp"), int)
        # OpenID Connect Core §3.1.3.7: for this client; RFC 8693 §4.1: `act` says that somebody else was there.
        if not is_ours or claims.get("aud") != client_id or "act" in claims:
            return None
        if not isinstance(sub, str) or not isinstance(auth_time, int):
            return None
        return ShownLogin(sub, acr if isinstance(acr, str) else None, datetime.fromtimestamp(auth_time, UTC))
