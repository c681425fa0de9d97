"""The authorization_code grant (RFC 6749 §4.1.3, RFC 7636 §4.5-4.6, OpenID Connect Core §3.1.3)."""

import re
from datetime import datetime

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy.orm import Session

from clients.client import Client
from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.hashing import secrets_equal
from idp.core.oauth_errors import InvalidGrant, InvalidRequest
from idp.grants.grant import GrantRequest
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from idp.tokens import families
from idp.tokens.authorization import Redemption
from idp.tokens.code import AuthorizationCodes, CodeReference
from idp.tokens.refresh import RefreshTokens
from idp.tokens.response import TokenResponse, TokenResponses
from idp.tokens.standing import Standings

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 §4.1


class AuthorizationCodeGrant:
    """Redeems an authorization code, once."""

    grant_type = "authorization_code"

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        codes: AuthorizationCodes,
        refresh_tokens: RefreshTokens,
        responses: TokenResponses,
        standings: Standings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._codes = codes
        self._refresh_tokens = refresh_tokens
        self._responses = responses
        self._standings = standings
        self._clock = clock

    def answer(self, request: GrantRequest, client: Client, origin: Origin) -> TokenResponse:
        """Return the tokens that the person granted; raises InvalidRequest or InvalidGrant."""
        if not request.code:
            raise InvalidRequest("The code parameter is missing.")
        # Bound to the client by its MAC (RFC 6749 §4.1.3): another client's code is as unknown as a made-up one.
        reference = self._codes.recognise(request.code, client.client_id)
        if reference is None:
            raise InvalidGrant(detail="not a code issued to this client")
        # Taken before anything is issued: of two in the same instant one finds nothing.
        document = self._store.take(Kind.AUTHORIZATION_CODE, request.code)
        with self._database.transaction() as session:
            now = self._clock.now()
            if document is None:
                raise self._replayed(session, reference, client, now, origin)
            redemption = Redemption.from_document(document)
            self._check(request, redemption)
            return self._redeem(session, reference, redemption, client, request.resource, now, origin)

    def _check(self, request: GrantRequest, redemption: Redemption) -> None:
        # RFC 6749 §4.1.3: redirect_uri equal to the authorization request's, where it was sent there.
        compared = redemption.redirect_uri_sent or request.redirect_uri is not None
        if compared and not secrets_equal(request.redirect_uri or "", redemption.redirect_uri):
            raise InvalidGrant(detail="redirect_uri differs from the authorization request")
        verifier = request.code_verifier
        if redemption.code_challenge is None:
            if verifier is not None:  # RFC 9700 §2.1.1: PKCE downgrade
                raise InvalidGrant(detail="code_verifier without a code_challenge")
            return
        if verifier is None or not _VERIFIER.fullmatch(verifier):
            raise InvalidGrant(detail="code_verifier missing or malformed")
        if not secrets_equal(create_s256_code_challenge(verifier), redemption.code_challenge):
            raise InvalidGrant(detail="code_verifier does not match")

    def _redeem(
        self,
        session: Session,
        reference: CodeReference,
        redemption: Redemption,
        client: Client,
        resource: str | None,
        now: datetime,
        origin: Origin,
    ) -> TokenResponse:
        authorization = redemption.authorization
        standing = self._standings.of_login(session, authorization, now)
        expires_at = self._refresh_tokens.family_expiry(now)
        if not families.redeem(session, reference, authorization, at=now, expires_at=expires_at):
            raise InvalidGrant(detail="a replay of this code came first")
        family = families.find(session, reference.family_id)
        assert family is not None  # noqa: S101 - inserted above
        refresh_token = None
        if "refresh_token" in client.grant_types:
            refresh_token = self._refresh_tokens.issue_first(session, family)
        record(
            session,
            Event.CODE_REDEEMED,
            at=now,
            person_id=authorization.person_id,
            client_id=client.client_id,
            session_id=authorization.session_id,
            origin=origin,
            details={"scope": list(authorization.scope), "acr": standing.acr},
        )
        return self._responses.for_family(
            session,
            family,
            client,
            standing,
            scope=authorization.scope,
            resource=resource,
            sid=authorization.sid,
            refresh_token=refresh_token,
            nonce=authorization.nonce,
        )

    def _replayed(
        self, session: Session, reference: CodeReference, client: Client, now: datetime, origin: Origin
    ) -> InvalidGrant:
        """Revoke what the code gave before, keep a trace, and return the refusal (RFC 6749 §4.1.2)."""
        had_given = families.revoke_replayed(session, reference, at=now)
        record(
            session,
            Event.CODE_REPLAYED,
            at=now,
            outcome=Outcome.REFUSED,
            reason="revoked_family" if had_given else "expired_or_unredeemed",
            client_id=client.client_id,
            origin=origin,
        )
        return InvalidGrant(detail="code used before, or expired")
