"""Is this access token good, now? Signed or opaque, looked up at once (architecture, decision 9)."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.client import ClientState
from clients.models import ClientRow
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.core.oauth_errors import InvalidToken
from idp.persons.models import Person
from idp.tokens import families
from idp.tokens.issue import ACCESS_TOKEN_TYPE
from idp.tokens.jwt import JwtSigner
from idp.tokens.models import OpaqueAccessToken, RevokedToken, TokenGrant


@dataclass(frozen=True, slots=True)
class GoodToken:
    """An access token that is valid at this instant."""

    client_id: str
    audience: str
    sub: str
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    jti: str | None
    family: TokenGrant | None
    claims: dict[str, Any]


class AccessTokenVerifier:
    """Verifies access tokens of this issuer; checks family, token, person and client in the database."""

    def __init__(self, *, signer: JwtSigner, clock: Clock, issuer: str) -> None:
        self._signer = signer
        self._clock = clock
        self._issuer = issuer

    def verify(self, session: Session, token: str) -> GoodToken:
        """Return what the token gives; raises InvalidToken."""
        good = self._signed(session, token) if token.count(".") == 2 else self._opaque(session, token)
        if session.scalar(sa.select(ClientRow.state).where(ClientRow.client_id == good.client_id)) != (
            ClientState.ACTIVE
        ):
            raise InvalidToken(detail="the client is not active")
        self._check_family(session, good.family)
        return good

    def _signed(self, session: Session, token: str) -> GoodToken:
        claims = self._signer.verify(token, typ=ACCESS_TOKEN_TYPE)
        if claims.get("iss") != self._issuer or claims["exp"] <= self._clock.epoch():
            raise InvalidToken(detail="expired or of another issuer")
        jti = str(claims["jti"])
        if session.get(RevokedToken, jti) is not None:
            raise InvalidToken(detail="revoked")
        family_id, dot, _ = jti.rpartition(".")
        family = families.find(session, family_id) if dot else None
        if dot and family is None:
            raise InvalidToken(detail="family unknown")
        return GoodToken(
            client_id=claims["client_id"],
            audience=claims["aud"],
            sub=claims["sub"],
            scope=tuple(claims["scope"].split()),
            issued_at=claims["iat"],
            expires_at=claims["exp"],
            jti=jti,
            family=family,
            claims=claims,
        )

    def _opaque(self, session: Session, token: str) -> GoodToken:
        row = session.get(OpaqueAccessToken, hash_secret(token)) if len(token) <= 128 else None
        if row is None or row.revoked_at is not None or row.expires_at <= self._clock.now():
            raise InvalidToken(detail="unknown, revoked or expired")
        family = families.find(session, row.family_id) if row.family_id else None
        return GoodToken(
            client_id=row.client_id,
            audience=row.audience,
            sub=row.sub,
            scope=tuple(row.scope.split()),
            issued_at=int(row.issued_at.timestamp()),
            expires_at=int(row.expires_at.timestamp()),
            jti=None,
            family=family,
            claims={},
        )

    def _check_family(self, session: Session, family: TokenGrant | None) -> None:
        if family is None:
            return
        if family.revoked_at is not None:
            raise InvalidToken(detail="the family was revoked")
        status = session.scalar(sa.select(Person.status).where(Person.id == family.person_id))
        if status != "active":
            raise InvalidToken(detail="the person is not active")
