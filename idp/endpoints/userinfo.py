"""The userinfo endpoint (OpenID Connect Core §5.3), plain or signed."""

from dataclasses import dataclass
from typing import Any

from clients.registry import ClientRegistry
from idp.core.oauth_errors import InsufficientScope, InvalidToken
from idp.persons.directory import Directory
from idp.storage.engine import Database
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
        database: Database,
        verifier: AccessTokenVerifier,
        clients: ClientRegistry,
        directory: Directory,
        signer: JwtSigner,
        issuer: str,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._clients = clients
        self._directory = directory
        self._signer = signer
        self._issuer = issuer

    def answer(self, token: str) -> UserinfoResponse:
        """Return the claims; raises InvalidToken or InsufficientScope."""
        with self._database.read() as session:
            good = self._verifier.verify(session, token)
            if good.audience != self._issuer:
                raise InvalidToken(detail="the token is for another resource server")
            family = good.family
            if family is None or family.person_id is None or "openid" not in good.scope:
                raise InsufficientScope(detail="no openid scope")
            profile = self._directory.profile(session, family.person_id)
            client = self._clients.find_in(session, good.client_id)
        names = claim_rules.requested_names(family.claims or {}, "userinfo")
        claims = {**claim_rules.select_claims(profile, scopes=good.scope, names=names), "sub": good.sub}
        algorithm = client.userinfo_signed_response_alg if client else None
        if algorithm is None or algorithm == "none":
            return UserinfoResponse(claims, None)
        body = {**claims, "iss": self._issuer, "aud": good.client_id}  # §5.3.2
        return UserinfoResponse(claims, self._signer.sign(body, algorithm=algorithm, typ="JWT"))
