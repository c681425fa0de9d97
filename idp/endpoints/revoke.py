"""Token revocation (RFC 7009)."""

from clients.authentication import ClientAuthenticator
from clients.client import Client
from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.oauth_errors import InvalidRequest, InvalidToken
from idp.endpoints.parameters import parse_form
from idp.endpoints.token import BackChannelCall, credentials_of
from idp.storage.engine import Database
from idp.tokens import families
from idp.tokens.refresh import RefreshTokens
from idp.tokens.revocation import revoke_access_token
from idp.tokens.verify import AccessTokenVerifier


class RevokeEndpoint:
    """Ends a token at the wish of the client that holds it."""

    def __init__(
        self,
        *,
        database: Database,
        authenticator: ClientAuthenticator,
        verifier: AccessTokenVerifier,
        refresh_tokens: RefreshTokens,
        clock: Clock,
        url: str,
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._verifier = verifier
        self._refresh_tokens = refresh_tokens
        self._clock = clock
        self._url = url

    def answer(self, call: BackChannelCall) -> None:
        """Revoke the token; an unknown one, or another client's, is answered alike and untouched (§2.2).

        Raises InvalidRequest or InvalidClient.
        """
        parameters = parse_form(call.body, call.content_type, call.query)
        client = self._authenticator.authenticate(credentials_of(call, parameters), endpoint_url=self._url)
        token = parameters.get("token")
        if token is None:
            raise InvalidRequest("The token parameter is missing.")
        # §2.1: the hint only orders the search; ours tells by the token's form.
        if not self._revoke_refresh_token(token, client, call.origin):
            self._revoke_access_token(token, client, call.origin)

    def _revoke_refresh_token(self, token: str, client: Client, origin: Origin) -> bool:
        if len(token) > 128:
            return False
        with self._database.transaction() as session:
            found = self._refresh_tokens.find(session, token)
            if found is None or found[1].client_id != client.client_id:
                return False
            family, now = found[1], self._clock.now()
            # §2.1: with the refresh token everything of its family ends.
            if families.revoke(session, family.family_id, reason="revoked_by_client", at=now):
                record(
                    session,
                    Event.TOKEN_REVOKED,
                    at=now,
                    person_id=family.person_id,
                    client_id=client.client_id,
                    session_id=family.session_id,
                    origin=origin.acting(family.actor_person, family.on_behalf_of),
                    details={"kind": "refresh_token"},
                )
            return True

    def _revoke_access_token(self, token: str, client: Client, origin: Origin) -> None:
        try:
            good = self._verifier.verify(token)
        except InvalidToken:
            return
        if good.client.client_id != client.client_id:
            return
        state = good.state
        acting = origin if state is None else origin.acting(state.actor_person, state.person_id)
        with self._database.transaction() as session:
            now = self._clock.now()
            if revoke_access_token(session, token, good, at=now):
                record(
                    session,
                    Event.TOKEN_REVOKED,
                    at=now,
                    person_id=state.person_id if state else None,
                    client_id=client.client_id,
                    origin=acting,
                    details={"kind": "access_token"},
                )
