"""What the token endpoint answers with: access token, and where they are due, refresh and ID token."""

from dataclasses import dataclass
from typing import Any

from clients.client import Client
from clients.resources import ResourceServer, ResourceServers
from idp.core.clock import Clock, seconds
from idp.core.hashing import hash_secret
from idp.core.ids import new_id, new_secret
from idp.core.oauth_errors import InvalidScope, InvalidTarget
from idp.persons.claim_profiles import known_of
from idp.persons.directory import Directory
from idp.storage.engine import Database
from idp.tokens import claims as claim_rules
from idp.tokens.families import Authorization, Family
from idp.tokens.issue import Audience, TokenIssuer
from idp.tokens.models import OpaqueAccessToken
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
        database: Database,
        issuer: TokenIssuer,
        issuer_name: str,
        resources: ResourceServers,
        directory: Directory,
        clock: Clock,
        userinfo_seconds: int,
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._issuer_name = issuer_name
        self._resources = resources
        self._directory = directory
        self._clock = clock
        # Without a resource an access token is for us: userinfo.
        self._own = Audience(name=issuer_name, algorithm="ES256", access_token_seconds=userinfo_seconds)

    def target_of_family(
        self, family: Authorization | Family, client: Client, resource: str | None, scope: tuple[str, ...]
    ) -> ResourceServer | None:
        """Return the one API that a token of a person's login is for, None for ourselves.

        Ask before anything is written. Raises InvalidTarget.
        """
        granted = family.resources
        is_openid = "openid" in scope
        if resource is None:
            if len(granted) > 1 and not is_openid:
                raise InvalidTarget("Several resources were granted. Name one.")
            # RFC 8707 §2.2: a token has one audience. Of several, userinfo comes without being named.
            resource = granted[0] if len(granted) == 1 else self._issuer_name
        elif resource not in granted and not (resource == self._issuer_name and is_openid):
            raise InvalidTarget(detail="resource was not granted")
        return None if resource == self._issuer_name else self._server(client, resource)

    def target_of_client(self, client: Client, resource: str | None, scope: tuple[str, ...]) -> ResourceServer | None:
        """Return the one API that a token of a client by itself is for, None for ourselves; raises InvalidTarget."""
        if resource is not None:
            return self._server(client, resource)
        if len(client.allowed_resources) == 1:
            return self._server(client, client.allowed_resources[0])
        targets = self._resources.resolve(client, (), scope)
        if len(targets) > 1:
            raise InvalidTarget("The scope belongs to several resources. Name one.")
        return targets[0].server if targets else None

    def for_family(
        self,
        family: Family,
        client: Client,
        standing: Standing,
        *,
        scope: tuple[str, ...],
        server: ResourceServer | None,
        sid: str | None,
        refresh_token: str | None,
        nonce: str | None = None,
    ) -> TokenResponse:
        """Return the tokens of a person's login; `server` is what `target_of_family` gave.

        What is signed is worth nothing before the family is recorded: every check looks for it.
        """
        auth_time = int(family.auth_time.timestamp())
        if server is None:
            audience, sub, actor_sub = self._own, family.sub, family.actor_sub
        else:
            audience = Audience(server.audience, server.algorithm, server.access_token_seconds)
            sub, actor_sub = self._subs_at(server, family)
        shown = _scope_at(server, scope)
        if server is not None and server.token_format == "opaque":  # noqa: S105
            access_token = self._opaque(audience, family.family_id, client.client_id, sub, shown, actor_sub)
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
                actor_sub=actor_sub,
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
                actor_sub=family.actor_sub,
                extra=self._id_token_claims(family),
            )
        return TokenResponse(access_token, audience.access_token_seconds, shown, refresh_token, id_token)

    def for_client(self, client: Client, *, scope: tuple[str, ...], server: ResourceServer | None) -> TokenResponse:
        """Return an access token of a client by itself; its `sub` is the client (RFC 9068 §2.2).

        `server` is what `target_of_client` gave. Raises InvalidScope where nothing of the scope is known there.
        """
        shown = _scope_at(server, scope)
        if scope and not shown:
            raise InvalidScope(detail="no scope of this resource")
        audience = self._own
        if server is not None:
            audience = Audience(server.audience, server.algorithm, server.access_token_seconds)
        if server is not None and server.token_format == "opaque":  # noqa: S105
            token = self._opaque(audience, None, client.client_id, client.client_id, shown)
        else:
            token = self._issuer.access_token(
                audience=audience, client_id=client.client_id, sub=client.client_id, scope=shown, jti=new_id()
            )
        return TokenResponse(token, audience.access_token_seconds, shown)

    def _server(self, client: Client, resource: str) -> ResourceServer:
        server = self._resources.find(resource) if resource in client.allowed_resources else None
        if server is None or not server.is_active:
            raise InvalidTarget(detail="resource is not allowed for this client, or out of service")
        return server

    def _subs_at(self, server: ResourceServer, family: Family) -> tuple[str, str | None]:
        """Return the names of the person and of who acts for them, as the audience's own sector knows them."""
        # Architecture, decision 9.
        actor, now = family.actor_person, self._clock.now()
        with self._database.transaction() as session:
            sub = subject_of(session, family.person_id, server.sector, now)
            return sub, subject_of(session, actor, server.sector, now) if actor is not None else None

    def _opaque(
        self,
        audience: Audience,
        family_id: str | None,
        client_id: str,
        sub: str,
        scope: tuple[str, ...],
        actor_sub: str | None = None,
    ) -> str:
        token, now = new_secret(), self._clock.now()
        with self._database.transaction() as session:
            session.add(
                OpaqueAccessToken(
                    token_hash=hash_secret(token),
                    family_id=family_id,
                    client_id=client_id,
                    audience=audience.name,
                    sub=sub,
                    actor_sub=actor_sub,
                    scope=" ".join(scope),
                    issued_at=now,
                    expires_at=now + seconds(audience.access_token_seconds),
                )
            )
        return token

    def _id_token_claims(self, family: Family) -> dict[str, Any]:
        """Return claims that the client asked for in the ID token by name (OpenID Connect Core §5.5)."""
        names = claim_rules.requested_names(family.claims, "id_token")
        if not names:
            return {}
        with self._database.read() as session:
            profile = self._directory.profile(session, family.person_id)
        return claim_rules.select_claims(known_of(profile), names)


def _scope_at(server: ResourceServer | None, scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the part of the scope that means something to the audience (RFC 6749 §3.3)."""
    known = claim_rules.IDENTITY_SCOPES if server is None else server.scopes
    return tuple(each for each in scope if each in known)
