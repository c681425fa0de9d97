"""Verification of logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY_SECONDS = 60
MAX_AGE_SECONDS = 300


class LogoutTokenRefused(Exception):
    """The token proves nothing; the text is a fixed one of ours and may be answered."""


@dataclass(frozen=True, slots=True)
class LogoutOrder:
    """Whom a verified logout token names: a session, or else every session of a subject."""

    sid: str | None
    sub: str | None


class LogoutTokenVerifier:
    """Verifies logout tokens of one issuer for one client and accepts each of them once."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        algorithm: str,
        keys: Callable[[bool], KeySet],
        now: Callable[[], float],
    ) -> None:
        """Take `keys`, which returns the provider's key set and fetches it anew when given True."""
        self._issuer = issuer
        self._client_id = client_id
        self._algorithm = algorithm
        self._keys = keys
        self._now = now
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def verify(self, token: str) -> LogoutOrder:
        """Return whom the token logs out; raises LogoutTokenRefused on any doubt."""
        claims = self._signed_claims(token)
        self._check_registered(claims)
        order = _named(claims)
        _check_event(claims)
        self._remember(claims["jti"])  # last: only a token that is otherwise good is used up
        return order

    def _signed_claims(self, token: str) -> dict[str, Any]:
        registry = jws.JWSRegistry(algorithms=[self._algorithm])  # §2.6: `none` never, ours only
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            # §2.4: explicit typing, so that no other token of the provider is taken for a logout token.
            if str(header.get("typ", "")).lower() not in ("logout+jwt", "application/logout+jwt"):
                raise LogoutTokenRefused("typ is not logout+jwt")
            if not isinstance(header.get("kid"), str):
                raise LogoutTokenRefused("kid is missing")
            try:
                return jwt.decode(token, self._keys(False), registry=registry).claims
            except InvalidKeyIdError:
                return jwt.decode(token, self._keys(True), registry=registry).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise LogoutTokenRefused("the signature or the form is not valid") from None

    def _check_registered(self, claims: dict[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError:
            raise LogoutTokenRefused("iss, aud, iat, exp or jti is not valid") from None
        if claims["iat"] < self._now() - MAX_AGE_SECONDS - LEEWAY_SECONDS:
            raise LogoutTokenRefused("iat is too old")
        if "nonce" in claims:  # §2.4: so that an ID token never passes for a logout token
            raise LogoutTokenRefused("nonce is not allowed")

    def _remember(self, jti: str) -> None:
        now = self._now()
        with self._lock:
            self._seen = {known: until for known, until in self._seen.items() if until > now}
            if jti in self._seen:
                raise LogoutTokenRefused("jti was used before")
            # Later than this the age check refuses the token anyway.
            self._seen[jti] = now + MAX_AGE_SECONDS + 3 * LEEWAY_SECONDS


def _named(claims: dict[str, Any]) -> LogoutOrder:
    sid, sub = claims.get("sid"), claims.get("sub")
    for value in (sid, sub):
        if value is not None and (not isinstance(value, str) or not value):
            raise LogoutTokenRefused("sid or sub is not a string")
    if sid is None and sub is None:  # §2.4
        raise LogoutTokenRefused("neither sid nor sub")
    return LogoutOrder(sid=sid, sub=sub)


def _check_event(claims: dict[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise LogoutTokenRefused("events does not hold the logout event")
