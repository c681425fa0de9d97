"""The userinfo endpoint (OpenID Connect Core §5.3), plain or signed."""

import json
from dataclasses import dataclass
from typing import Any

from idp.core.oauth_errors import InsufficientScope, InvalidToken
from idp.persons.claim_profiles import ClaimProfiles
from idp.tokens import claims as claim_rules
from idp.tokens.identity_claims import IdentityClaims, asked_identity
from idp.tokens.issue import act_of
from idp.tokens.jwt import JwtSigner
from idp.tokens.verify import AccessTokenVerifier, GoodToken


@dataclass(frozen=True, slots=True)
class UserinfoResponse:
    """Claims as JSON, or the signed JWT that the client registered for (§5.3.2)."""

    claims: dict[str, Any]
    signed: str | None


class UserinfoEndpoint:
    """Answers who a token's person is, as far as was granted."""

    def __init__(
        self,
        *,
        verifier: AccessTokenVerifier,
        profiles: ClaimProfiles,
        identity: IdentityClaims,
        signer: JwtSigner,
        issuer: str,
    ) -> None:
        self._verifier = verifier
        self._profiles = profiles
        self._identity = identity
        self._signer = signer
        self._issuer = issuer

    def answer(self, token: str) -> UserinfoResponse:
        """Return the claims; raises InvalidToken or InsufficientScope."""
        good = self._verifier.verify(token, with_profile=True)
        if good.audience != self._issuer:
            raise InvalidToken(detail="the token is for another resource server")
        if good.state is None or "openid" not in good.scope:
            raise InsufficientScope(detail="no openid scope")
        asked_for = good.state.rows[0].claims_asked_for
        by_name = json.loads(asked_for) if asked_for is not None else {}
        wanted = claim_rules.claims_of_scopes(good.scope)
        if by_name:
            wanted |= claim_rules.requested_names(by_name, "userinfo")
        if good.client.approved_claims:
            # What a client is approved to have proved it never gets as the person merely typed it.
            wanted = wanted.difference(good.client.approved_claims)
        known = self._profiles.of_rows(good.state.person_id, good.state.rows, wanted, reader=good.client.client_id)
        claims = {**claim_rules.select_claims(known, wanted), **self._proved(good, by_name), "sub": good.sub}
        if good.actor_sub is not None:
            claims["act"] = act_of(good.actor_sub)
        algorithm = good.client.userinfo_signed_response_alg
        if algorithm is None or algorithm == "none":
            return UserinfoResponse(claims, None)
        body = {**claims, "iss": self._issuer, "aud": good.client.client_id}  # §5.3.2
        return UserinfoResponse(claims, self._signer.sign(body, algorithm=algorithm, typ="JWT"))

    def _proved(self, good: GoodToken, by_name: dict[str, Any]) -> dict[str, Any]:
        """Return identity claims; who is approved for none pays nothing for them."""
        if not good.client.approved_claims or good.state is None:
            return {}
        asked = asked_identity(good.scope, by_name)
        return self._identity.of(good.state, good.client, asked, endpoint="userinfo")
