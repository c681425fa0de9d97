"""What the token endpoint answers with: access token, and where they are due, refresh and ID token."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from clients.client import Client
from clients.resources import ResourceServer, ResourceServers
from idp.core.clock import Clock, seconds
from idp.core.hashing import hash_secret
from idp.core.ids import new_id, new_secret
from idp.core.oauth_errors import InvalidTarget
from idp.persons.directory import Directory
from idp.tokens import claims as claim_rules
from idp.tokens.issue import Audience, TokenIssuer
from idp.tokens.models import OpaqueAccessToken, TokenGrant
from idp.tokens.subjects import subject_of


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A successful answer (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3)."""

    access_token: str
    expires_in: int
    scope: tuple[str, ...]
    refresh_token: str | None = None
    id_token: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the members of the JSON answer."""
        answer: dict[str, Any] = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "scope": " ".join(self.scope),
        }
        optional = {"refresh_token": self.refresh_token, "id_token": self.id_token}
        return answer | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Standing:
    """The level that a login has at this instant."""

    acr: str | None
    aal: int
    amr: tuple[str, ...]


class TokenResponses:
    """Builds answers for a family (a person's login) or for a client by itself."""

    def __init__(
        self,
        *,
        issuer: TokenIssuer,
        issuer_name: str,
        resources: ResourceServers,
        directory: Directory,
        clock: Clock,
        userinfo_seconds: int,
    ) -> None:
        self._issuer = issuer
        self._resources = resources
        self._directory = directory
        self._clock = clock
        # Without a resource an access token is for us: userinfo and our own APIs.
        self._own = Audience(name=issuer_name, algorithm="ES256", access_token_seconds=userinfo_seconds)

    def for_family(
        self,
        session: Session,
        family: TokenGrant,
        client: Client,
        standing: Standing,
        *,
        scope: tuple[str, ...],
        resource: str | None,
        sid: str | None,
        refresh_token: str | None,
        nonce: str | None = None,
    ) -> TokenResponse:
        """Return the tokens of a person's login."""
        assert family.person_id is not None and family.sub is not None and family.auth_time is not None  # noqa: S101
        server = self._server(client, resource, tuple(family.resources or ()))
        auth_time = int(family.auth_time.timestamp())
        if server is None:
            audience, sub, shown = self._own, family.sub, scope
        else:
            audience = Audience(server.audience, server.algorithm, server.access_token_seconds)
            # Each audience knows the person by its own sector's sub (architecture, decision 9).
            sub = subject_of(session, family.person_id, server.sector, self._clock.now())
            shown = tuple(each for each in scope if each in server.scopes)
        if server is not None and server.token_format == "opaque":  # noqa: S105
            access_token = self._opaque(session, audience, family.family_id, client.client_id, sub, shown)
        else:
            access_token = self._issuer.access_token(
                audience=audience,
                client_id=client.client_id,
                sub=sub,
                scope=shown,
                jti=f"{family.family_id}.{new_id()}",
                auth_time=auth_time,
                acr=standing.acr,
                amr=standing.amr,
            )
        id_token = None
        if "openid" in scope:
            id_token = self._issuer.id_token(
                client_id=client.client_id,
                sub=family.sub,
                sid=sid,
                auth_time=auth_time,
                acr=standing.acr,
                amr=standing.amr,
                algorithm=client.id_token_signed_response_alg,
                nonce=nonce,
                extra=self._id_token_claims(session, family),
            )
        return TokenResponse(access_token, audience.access_token_seconds, shown, refresh_token, id_token)

    def for_client(
        self, session: Session, client: Client, *, scope: tuple[str, ...], resource: str | None
    ) -> TokenResponse:
        """Return an access token of a client by itself; its `sub` is the client (RFC 9068 §2.2)."""
        server = self._server(client, resource, client.allowed_resources)
        audience = self._own
        if server is not None:
            audience = Audience(server.audience, server.algorithm, server.access_token_seconds)
        if server is not None and server.token_format == "opaque":  # noqa: S105
            token = self._opaque(session, audience, None, client.client_id, client.client_id, scope)
        else:
            token = self._issuer.access_token(
                audience=audience, client_id=client.client_id, sub=client.client_id, scope=scope, jti=new_id()
            )
        return TokenResponse(token, audience.access_token_seconds, scope)

    def _server(self, client: Client, resource: str | None, granted: tuple[str, ...]) -> ResourceServer | None:
        """Return the one API that the token is for, None for ourselves (RFC 8707 §2.2)."""
        if resource is None:
            if len(granted) != 1:
                # Several, or none: a token has one audience, so without a choice it is for userinfo.
                return None
            resource = granted[0]
        elif resource not in granted:
            raise InvalidTarget(detail="resource was not granted")
        server = self._resources.find(resource)
        if server is None or resource not in client.allowed_resources:
            raise InvalidTarget(detail="resource is not allowed for this client any more")
        return server

    def _opaque(
        self,
        session: Session,
        audience: Audience,
        family_id: str | None,
        client_id: str,
        sub: str,
        scope: tuple[str, ...],
    ) -> str:
        token, now = new_secret(), self._clock.now()
        session.add(
            OpaqueAccessToken(
                token_hash=hash_secret(token),
                family_id=family_id,
                client_id=client_id,
                audience=audience.name,
                sub=sub,
                scope=" ".join(scope),
                issued_at=now,
                expires_at=now + seconds(audience.access_token_seconds),
            )
        )
        session.flush()
        return token

    def _id_token_claims(self, session: Session, family: TokenGrant) -> dict[str, Any]:
        """Return claims that the client asked for in the ID token by name (OpenID Connect Core §5.5)."""
        names = claim_rules.requested_names(family.claims or {}, "id_token")
        if not names or family.person_id is None:
            return {}
        profile = self._directory.profile(session, family.person_id)
        return claim_rules.select_claims(profile, scopes=(), names=names)
