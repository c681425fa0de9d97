"""The userinfo endpoint (OpenID Connect Core §5.3), plain or signed."""

import json
from dataclasses import dataclass
from typing import Any

from idp.core.oauth_errors import InsufficientScope, InvalidToken
from idp.persons.claim_profiles import ClaimProfiles
from idp.tokens import claims as claim_rules
from idp.tokens.jwt import JwtSigner
from idp.tokens.verify import AccessTokenVerifier


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
        signer: JwtSigner,
        issuer: str,
    ) -> None:
        self._verifier = verifier
        self._profiles = profiles
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
        wanted = claim_rules.claims_of_scopes(good.scope)
        if asked_for is not None:
            wanted |= claim_rules.requested_names(json.loads(asked_for), "userinfo")
        known = self._profiles.of_rows(good.state.person_id, good.state.rows, wanted, reader=good.client.client_id)
        claims = {**claim_rules.select_claims(known, wanted), "sub": good.sub}
        algorithm = good.client.userinfo_signed_response_alg
        if algorithm is None or algorithm == "none":
            return UserinfoResponse(claims, None)
        body = {**claims, "iss": self._issuer, "aud": good.client.client_id}  # §5.3.2
        return UserinfoResponse(claims, self._signer.sign(body, algorithm=algorithm, typ="JWT"))
