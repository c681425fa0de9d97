"""Token introspection (RFC 7662): the whole truth for those who may ask, `active: false` for the rest."""

import json
from typing import Any

from sqlalchemy.orm import Session

from clients.authentication import ClientAuthenticator
from clients.client import Client
from clients.resources import ResourceServers
from idp.core.clock import Clock
from idp.core.oauth_errors import InvalidClient, InvalidGrant, InvalidRequest, InvalidToken
from idp.endpoints.parameters import parse_form
from idp.endpoints.token import BackChannelCall, credentials_of
from idp.persons.identity_level import level_of
from idp.sessions.presence import is_present
from idp.storage.engine import Database
from idp.tokens.identity_claims import IdentityClaims, asked_identity
from idp.tokens.issue import act_of
from idp.tokens.refresh import RefreshTokens
from idp.tokens.standing import Standings
from idp.tokens.verify import AccessTokenVerifier, GoodToken

_INACTIVE: dict[str, Any] = {"active": False}


class IntrospectEndpoint:
    """Answers resource servers, and a client about its own tokens."""

    def __init__(
        self,
        *,
        database: Database,
        authenticator: ClientAuthenticator,
        verifier: AccessTokenVerifier,
        refresh_tokens: RefreshTokens,
        resources: ResourceServers,
        standings: Standings,
        identity: IdentityClaims,
        clock: Clock,
        issuer: str,
        url: str,
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._verifier = verifier
        self._refresh_tokens = refresh_tokens
        self._resources = resources
        self._standings = standings
        self._identity = identity
        self._clock = clock
        self._issuer = issuer
        self._url = url

    def answer(self, call: BackChannelCall) -> dict[str, Any]:
        """Return the members of the answer (§2.2); raises InvalidRequest or InvalidClient."""
        parameters = parse_form(call.body, call.content_type, call.query)
        client = self._authenticator.authenticate(credentials_of(call, parameters), endpoint_url=self._url)
        if not client.is_confidential:  # §2.1: the caller must be authorised
            raise InvalidClient(detail="a public client may not introspect")
        token = parameters.get("token")
        if token is None:
            raise InvalidRequest("The token parameter is missing.")
        self._resources.note_question(client, call.origin)
        try:
            good = self._verifier.verify(token)
        except InvalidToken:
            with self._database.read() as session:
                return self._refresh_token(session, token, client)
        if not self._may_see(client, good):
            return _INACTIVE
        return {**self._proved(client, good), **self._describe(good)}

    def _may_see(self, client: Client, good: GoodToken) -> bool:
        # §4: a resource server learns nothing about a token that is for another one.
        if good.client.client_id == client.client_id:
            return True
        server = self._resources.find(good.audience)
        return server is not None and server.is_active and client.client_id in server.introspection_clients

    def _proved(self, client: Client, good: GoodToken) -> dict[str, Any]:
        """Return the identity claims that the token's login asked for, to the client whose token it is."""
        # Approval and consent are the client's own: a resource server that may look at its tokens has neither, not
        # even where it is approved and agreed to itself (architecture, "Identity claims").
        if good.client.client_id != client.client_id or good.state is None:
            return {}
        # What the login asked of userinfo is told by the token for userinfo: one for an API travels to others.
        if good.audience != self._issuer or not client.approved_claims:
            return {}
        kept = good.state.rows[0].claims_asked_for
        asked = asked_identity(good.scope, json.loads(kept) if kept is not None else {})
        return self._identity.of(good.state, good.client, asked, endpoint="introspect")

    def _describe(self, good: GoodToken) -> dict[str, Any]:
        state = good.state
        answer: dict[str, Any] = {
            "active": True,
            "iss": self._issuer,
            "client_id": good.client.client_id,
            "aud": good.audience,
            "sub": good.sub,
            "scope": " ".join(good.scope),
            "token_type": "Bearer",
            "iat": good.issued_at,
            "exp": good.expires_at,
        }
        if good.jti is not None:
            answer["jti"] = good.jti
        if good.actor_sub is not None:
            answer["act"] = act_of(good.actor_sub)
        if state is not None:  # RFC 9470 §6.2
            row = state.rows[0]
            answer["auth_time"] = int(row.auth_time.timestamp())
            # As it is now: who asks wants to know more than the token said when it was issued.
            presence = is_present(row.present_until, self._clock.now())
            standing = self._standings.at_level(
                level_of(row.proofed), row.aal, tuple(row.amr), row.channel, presence=presence
            )
            if standing.acr is not None:
                answer["acr"] = standing.acr
        return answer

    def _refresh_token(self, session: Session, token: str, client: Client) -> dict[str, Any]:
        """Describe a refresh token to the client that holds it, and to nobody else."""
        found = self._refresh_tokens.find(session, token) if len(token) <= 128 else None
        if found is None:
            return _INACTIVE
        row, family = found
        if family.client_id != client.client_id or row.used_at is not None:
            return _INACTIVE
        if self._refresh_tokens.problem_of(row, family, session) is not None:
            return _INACTIVE
        if family.actor_person is not None and not client.acting_for:
            return _INACTIVE
        try:
            self._standings.of_family(session, family, self._clock.now())
        except InvalidGrant:  # the session, the person or a mandate ended: it would be refused
            return _INACTIVE
        act = {} if family.actor_sub is None else {"act": act_of(family.actor_sub)}
        return act | {
            "active": True,
            "iss": self._issuer,
            "client_id": family.client_id,
            "sub": family.sub,
            "scope": family.scope or "",
            "iat": int(row.created_at.timestamp()),
            "exp": int(row.expires_at.timestamp()),
        }
