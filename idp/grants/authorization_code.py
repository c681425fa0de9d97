"""The authorization_code grant (RFC 6749 §4.1.3, RFC 7636 §4.5-4.6, OpenID Connect Core §3.1.3)."""

import re

from authlib.oauth2.rfc7636 import create_s256_code_challenge

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
from idp.tokens.families import Family
from idp.tokens.redemptions import Redemptions
from idp.tokens.response import Standing, TokenResponse, TokenResponses

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
        redemptions: Redemptions,
        responses: TokenResponses,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._codes = codes
        self._redemptions = redemptions
        self._responses = responses
        self._clock = clock

    def answer(self, request: GrantRequest, client: Client, origin: Origin) -> TokenResponse:
        """Return the tokens that the person granted; raises InvalidRequest, InvalidGrant or InvalidTarget."""
        if not request.code:
            raise InvalidRequest("The code parameter is missing.")
        # Bound to the client by its MAC (RFC 6749 §4.1.3): another client's code is as unknown as a made-up one.
        reference = self._codes.recognise(request.code, client.client_id)
        if reference is None:
            raise InvalidGrant(detail="not a code issued to this client")
        # Taken before anything is issued: of two in the same instant one finds nothing.
        document = self._store.take(Kind.AUTHORIZATION_CODE, request.code)
        if document is None:
            raise self._replayed(reference, client, origin)
        redemption = Redemption.from_document(document)
        self._check(request, redemption)
        return self._redeem(reference, redemption, client, request.resource, origin)

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
        reference: CodeReference,
        redemption: Redemption,
        client: Client,
        resource: str | None,
        origin: Origin,
    ) -> TokenResponse:
        """Sign, then record, then answer: what is not recorded is not answered, and is worth nothing."""
        authorization = redemption.authorization
        if authorization.actor_person is not None and not client.acting_for:
            raise InvalidGrant(detail="the client may not be told of anybody for whom somebody acts")
        server = self._responses.target_of_family(authorization, client, resource, authorization.scope)
        refresh_token = (
            self._redemptions.first_refresh_token(reference) if "refresh_token" in client.grant_types else None
        )
        response = self._responses.for_family(
            Family.of_authorization(reference, authorization),
            client,
            Standing(authorization.acr, authorization.aal, authorization.amr),
            scope=authorization.scope,
            server=server,
            sid=authorization.sid,
            refresh_token=refresh_token,
            nonce=authorization.nonce,
        )
        if not self._redemptions.record(reference, authorization, refresh_token=refresh_token, origin=origin):
            raise InvalidGrant(detail="session, person or mandate ended meanwhile, or a replay of this code came first")
        return response

    def _replayed(self, reference: CodeReference, client: Client, origin: Origin) -> InvalidGrant:
        """Revoke what the code gave before, keep a trace, and return the refusal (RFC 6749 §4.1.2)."""
        now = self._clock.now()
        with self._database.transaction() as session:
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
