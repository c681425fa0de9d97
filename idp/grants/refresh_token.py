"""The refresh_token grant (RFC 6749 §6, RFC 9700 §4.14, OpenID Connect Core §12)."""

from sqlalchemy.orm import Session

from clients.client import Client
from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.oauth_errors import InvalidGrant, InvalidRequest, InvalidScope
from idp.grants.grant import GrantRequest
from idp.storage.engine import Database
from idp.tokens import families
from idp.tokens.exchanges import Exchanged, Exchanges
from idp.tokens.families import Family
from idp.tokens.models import TokenGrant
from idp.tokens.refresh import RefreshProblem, RefreshTokens
from idp.tokens.response import TokenResponse, TokenResponses
from idp.tokens.standing import MandateEnded, Standings


class RefreshTokenGrant:
    """Exchanges a refresh token for fresh tokens and its successor."""

    grant_type = "refresh_token"

    def __init__(
        self,
        *,
        database: Database,
        refresh_tokens: RefreshTokens,
        exchanges: Exchanges,
        responses: TokenResponses,
        standings: Standings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._refresh_tokens = refresh_tokens
        self._exchanges = exchanges
        self._responses = responses
        self._standings = standings
        self._clock = clock

    def answer(self, request: GrantRequest, client: Client, origin: Origin) -> TokenResponse:
        """Return fresh tokens; raises InvalidRequest, InvalidGrant, InvalidScope or InvalidTarget."""
        if not request.refresh_token:
            raise InvalidRequest("The refresh_token parameter is missing.")
        if len(request.refresh_token) > 128:
            raise InvalidGrant(detail="not one of our refresh tokens")
        exchanged = None
        if not request.scope and request.resource is None:
            exchanged = self._exchanges.at_once(request.refresh_token, client.client_id, origin)
        if exchanged is None:
            with self._database.transaction() as session:
                exchanged = self._exchange(session, request, request.refresh_token, client, origin)
        scope = _narrow(request.scope, exchanged.family.scope)
        return self._responses.for_family(
            exchanged.family,
            client,
            exchanged.standing,
            scope=scope,
            server=self._responses.target_of_family(exchanged.family, client, request.resource, scope),
            sid=exchanged.sid,
            refresh_token=exchanged.refresh_token,
        )

    def _exchange(
        self, session: Session, request: GrantRequest, token: str, client: Client, origin: Origin
    ) -> Exchanged:
        found = self._refresh_tokens.find(session, token)
        if found is None:
            raise InvalidGrant(detail="unknown refresh token")
        row, grant = found
        if grant.client_id != client.client_id:  # RFC 6749 §6: bound to the client
            raise InvalidGrant(detail="refresh token of another client")
        problem = self._refresh_tokens.problem_of(row, grant, session)
        if problem is RefreshProblem.REPLAYED:
            # Either the thief or the owner holds the other copy (RFC 9700 §4.14.2).
            self._revoke(session, grant, "refresh_token_replayed", origin, Event.TOKEN_REPLAYED, told="revoked_family")
        if problem is not None:
            raise InvalidGrant(detail=f"refresh token {problem}")
        try:
            if grant.actor_person is not None and not client.acting_for:
                raise MandateEnded(detail="the client may not be told of anybody for whom somebody acts")
            standing = self._standings.of_family(session, grant, self._clock.now())
        except MandateEnded:
            self._revoke(session, grant, "mandate_ended", origin, Event.TOKEN_REVOKED, told="mandate_ended")
            raise
        # Before the rotation: a refused request must not use the token up.
        family = Family.of_row(grant)
        self._responses.target_of_family(family, client, request.resource, _narrow(request.scope, family.scope))
        return self._exchanges.in_transaction(session, token, row, grant, standing, origin)

    def _revoke(
        self, session: Session, family: TokenGrant, reason: str, origin: Origin, event: Event, *, told: str
    ) -> None:
        """End the whole family, and keep a trace with the reason `told`; a refusal follows."""
        now = self._clock.now()
        families.revoke(session, family.family_id, reason=reason, at=now)
        record(
            session,
            event,
            at=now,
            outcome=Outcome.REFUSED,
            reason=told,
            person_id=family.person_id,
            client_id=family.client_id,
            session_id=family.session_id,
            origin=origin.acting(family.actor_person, family.on_behalf_of),
        )


def _narrow(asked: tuple[str, ...], granted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scope of the fresh tokens: never more than was granted (RFC 6749 §6)."""
    if not asked:
        return granted
    if not set(asked) <= set(granted):
        raise InvalidScope("The scope exceeds what was granted.")
    return tuple(each for each in granted if each in asked)
