"""Is this access token good, now? Signed or opaque, looked up at once (architecture, decision 9)."""

from dataclasses import dataclass

import sqlalchemy as sa

from clients.client import Client, ClientState
from clients.registry import ClientRegistry
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.core.oauth_errors import InvalidToken
from idp.persons.vocabulary import PersonStatus
from idp.storage.statements import Statement, Statements
from idp.tokens.claims import claims_of_scopes
from idp.tokens.family_states import FamilyState, FamilyStates
from idp.tokens.issue import ACCESS_TOKEN_TYPE
from idp.tokens.jwt import JwtSigner
from idp.tokens.models import OpaqueAccessToken, RevokedToken

# No opaque token of ours is longer.
_MAX_OPAQUE_LENGTH = 128

_OPAQUE = Statement(
    sa.select(*OpaqueAccessToken.__table__.columns).where(
        OpaqueAccessToken.token_hash == sa.bindparam("token_hash", type_=sa.String())
    )
)
_REVOKED = Statement(sa.select(RevokedToken.jti).where(RevokedToken.jti == sa.bindparam("jti", type_=sa.String())))


@dataclass(frozen=True, slots=True)
class GoodToken:
    """An access token that is valid at this instant; `state` is None for a client's own."""

    client: Client
    audience: str
    sub: str
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    jti: str | None
    state: FamilyState | None
    #: The `sub` of whoever acts for the token's person, as its audience knows them (RFC 8693 §4.1).
    actor_sub: str | None = None


class AccessTokenVerifier:
    """Verifies access tokens of this issuer; checks family, token, person and client in the database."""

    def __init__(
        self,
        *,
        signer: JwtSigner,
        statements: Statements,
        states: FamilyStates,
        clients: ClientRegistry,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._signer = signer
        self._statements = statements
        self._states = states
        self._clients = clients
        self._clock = clock
        self._issuer = issuer

    def verify(self, token: str, *, with_profile: bool = False) -> GoodToken:
        """Return what the token gives; raises InvalidToken.

        Beside its state stands what the login's level follows from, or with `with_profile` what its scope tells.
        """
        if token.count(".") == 2:
            return self._signed(token, with_profile)
        return self._opaque(token, with_profile)

    def _signed(self, token: str, with_profile: bool) -> GoodToken:
        claims = self._signer.verify(token, typ=ACCESS_TOKEN_TYPE)
        if claims.get("iss") != self._issuer or claims["exp"] <= self._clock.epoch():
            raise InvalidToken(detail="expired or of another issuer")
        jti = str(claims["jti"])
        family_id, dot, _ = jti.rpartition(".")
        scope = tuple(claims["scope"].split())
        client = self._client(claims["client_id"])
        if dot:
            state = self._state_of(client, family_id, jti, scope if with_profile else None)
        else:
            state = None
            if self._statements.read(_REVOKED, {"jti": jti}):
                raise InvalidToken(detail="revoked")
        return GoodToken(
            client=client,
            audience=claims["aud"],
            sub=claims["sub"],
            scope=scope,
            issued_at=claims["iat"],
            expires_at=claims["exp"],
            jti=jti,
            state=state,
            actor_sub=claims["act"]["sub"] if "act" in claims else None,
        )

    def _opaque(self, token: str, with_profile: bool) -> GoodToken:
        rows = []
        if len(token) <= _MAX_OPAQUE_LENGTH:
            rows = list(self._statements.read(_OPAQUE, {"token_hash": hash_secret(token)}))
        row = rows[0] if rows else None
        if row is None or row.revoked_at is not None or row.expires_at <= self._clock.now():
            raise InvalidToken(detail="unknown, revoked or expired")
        state = None
        scope = tuple(row.scope.split())
        client = self._client(row.client_id)
        if row.family_id is not None:
            state = self._state_of(client, row.family_id, "", scope if with_profile else None)
        return GoodToken(
            client=client,
            audience=row.audience,
            sub=row.sub,
            scope=scope,
            issued_at=int(row.issued_at.timestamp()),
            expires_at=int(row.expires_at.timestamp()),
            jti=None,
            state=state,
            actor_sub=row.actor_sub,
        )

    def _state_of(self, client: Client, family_id: str, jti: str, scope: tuple[str, ...] | None) -> FamilyState:
        """Return the state of a person's login that still stands, with a profile for `scope`; raises InvalidToken."""
        if scope is None:
            state = self._states.find(family_id, jti)
        else:
            state = self._states.find_with_profile(family_id, jti, claims_of_scopes(scope))
        if state is None:
            raise InvalidToken(detail="the family was never recorded")
        if state.is_revoked or state.is_token_revoked:
            raise InvalidToken(detail="revoked")
        if state.person_status != PersonStatus.ACTIVE:
            raise InvalidToken(detail="the person is not active")
        if state.actor_person is not None and (state.has_lost_mandate or not client.acting_for):
            raise InvalidToken(detail="nobody may act for the person here any more")
        return state

    def _client(self, client_id: str) -> Client:
        client = self._clients.find(client_id)
        if client is None or client.state is not ClientState.ACTIVE:
            raise InvalidToken(detail="the client is not active")
        return client
