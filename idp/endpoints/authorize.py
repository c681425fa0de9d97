"""The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2), in its two phases and its answer."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from clients.client import Client, ClientState
from clients.registry import ClientRegistry
from clients.resources import ResourceServers
from idp.audit.log import NOWHERE, Origin
from idp.core.clock import Clock
from idp.core.errors import PageError
from idp.core.oauth_errors import InvalidRequest, OAuthError, UnmetAuthenticationRequirements
from idp.endpoints.authorization_parameters import read_request
from idp.endpoints.meeting import Names, meet
from idp.endpoints.parameters import Collected, collect_urlencoded, parse_scope
from idp.login.request import AuthorizationRequest, Demands
from idp.sessions.service import LiveSession, Sessions
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from idp.tokens.authorization import Redemption
from idp.tokens.claims import requested_names, scopes_of_claims
from idp.tokens.code import AuthorizationCodes
from idp.tokens.families import Authorization
from idp.tokens.hints import IdTokenHints
from idp.tokens.identity_claims import asked_identity
from idp.tokens.subjects import person_of
from realname.levels.level import LevelTable

RESPONSE_MODES = ("query", "fragment", "form_post")


class AuthorizationProblem(StrEnum):
    """Why there is nobody to redirect to; each is a page."""

    UNKNOWN_CLIENT = "unknown_client"
    BAD_REDIRECT_URI = "bad_redirect_uri"
    BAD_REQUEST = "bad_request"


@dataclass(frozen=True, slots=True)
class Trusted:
    """The outcome of phase 1: only with it can anything be redirected."""

    client: Client
    redirect_uri: str
    response_mode: str
    state: str | None
    collected: Collected


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What goes back to the client through the browser."""

    redirect_uri: str
    response_mode: str
    parameters: tuple[tuple[str, str], ...]


class AuthorizeEndpoint:
    """Validates authorization requests and answers them."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        clients: ClientRegistry,
        resources: ResourceServers,
        sessions: Sessions,
        codes: AuthorizationCodes,
        hints: IdTokenHints,
        levels: LevelTable,
        clock: Clock,
        issuer: str,
        code_seconds: int,
    ) -> None:
        self._database = database
        self._store = store
        self._clients = clients
        self._resources = resources
        self._sessions = sessions
        self._codes = codes
        self._hints = hints
        self._levels = levels
        self._clock = clock
        self._issuer = issuer
        self._code_seconds = code_seconds

    def trust(self, raw: bytes) -> Trusted:
        """Phase 1: who asks, and where may the answer go? Raises PageError, never an OAuthError."""
        try:
            collected = collect_urlencoded(raw)
        except InvalidRequest as error:
            raise PageError(AuthorizationProblem.BAD_REQUEST, detail=error.description) from None
        parameters, odd = collected.parameters, collected.repeated | collected.malformed
        client_id = parameters.get("client_id")
        client = self._clients.find(client_id) if client_id and "client_id" not in odd else None
        if client is None or client.state is not ClientState.ACTIVE:
            raise PageError(AuthorizationProblem.UNKNOWN_CLIENT)
        redirect_uri = parameters.get("redirect_uri")
        if "redirect_uri" in odd:
            raise PageError(AuthorizationProblem.BAD_REDIRECT_URI)
        if redirect_uri is None:
            redirect_uri = self._sole_redirect_uri(client, parameters.get("scope"))
        elif not is_registered(redirect_uri, client):
            raise PageError(AuthorizationProblem.BAD_REDIRECT_URI)
        mode = parameters.get("response_mode", "query")
        return Trusted(
            client=client,
            redirect_uri=redirect_uri,
            response_mode=mode if mode in RESPONSE_MODES else "query",
            state=None if "state" in odd else parameters.get("state"),
            collected=collected,
        )

    def validate(self, trusted: Trusted) -> AuthorizationRequest:
        """Phase 2: is the request one that this client may make? Raises an OAuthError, told by redirect."""
        if trusted.collected.repeated:
            raise InvalidRequest("A parameter is repeated.")
        if trusted.collected.malformed:
            raise InvalidRequest("A parameter is too long or holds control characters.")
        if trusted.collected.parameters.get("response_mode", "query") not in RESPONSE_MODES:
            raise InvalidRequest("The response_mode is not supported.")
        request = read_request(
            trusted.collected.parameters,
            trusted.client,
            redirect_uri=trusted.redirect_uri,
            response_mode=trusted.response_mode,
            resources=self._resources,
            resolve_hint=self._sub_of_hint,
            issuer=self._issuer,
        )
        # OpenID Connect Core §5.5.1.1: an essential acr that is none of ours can never be met.
        if request.essential_acr is not None and self._levels.minimum_of(request.essential_acr) is None:
            raise UnmetAuthenticationRequirements()
        return request

    def demands(self, request: AuthorizationRequest, client: Client) -> Demands:
        """Return what the request asks of the login."""
        wanted = request.acr_values if request.essential_acr is None else request.essential_acr
        hint = None
        if request.hint_sub is not None:
            with self._database.read() as session:
                # Nobody has the empty id, so a hint that names nobody here fits no session.
                hint = person_of(session, client.sector, request.hint_sub) or ""
        return Demands(
            prompt=frozenset(request.prompt),
            max_age=request.max_age,
            hint_person=hint,
            minimum_level=self._levels.minimum_of(wanted),
            minimum_is_essential=request.essential_acr is not None,
            consent_needed=consent_items(request, client),
            ward_consent_needed=consent_items(request, client, is_ward=True) if client.acting_for else frozenset(),
            for_staff=client.for_staff,
        )

    def respond(
        self,
        request: AuthorizationRequest,
        client: Client,
        live: LiveSession,
        ial: int,
        *,
        party: str | None = None,
        sub: str | None = None,
        sid: str | None = None,
        origin: Origin = NOWHERE,
    ) -> AuthorizationResponse:
        """Return the successful answer: a code that stands for what the person granted.

        `party` is for whom they act, where not for themself. `sub` and `sid` are given where the client knows person
        and session already, which saves a transaction; that the session still stands, and the mandate, is asked once
        more when the code is redeemed.
        """
        ward_id = party if party != live.person_id else None
        if sub is not None and sid is not None:
            names = Names(sub, sid)
        else:
            with self._database.transaction() as session:
                names = meet(session, self._sessions, client, live, ward_id, at=self._clock.now(), origin=origin)
        authorization = self._authorization(request, client, live, ial, ward_id, names)
        redemption = Redemption(authorization, request.redirect_uri, request.redirect_uri_sent, request.code_challenge)
        code = self._codes.make(client.client_id)
        self._store.put(Kind.AUTHORIZATION_CODE, code, redemption.as_document(), seconds=self._code_seconds)
        return self._response(request.redirect_uri, request.response_mode, request.state, [("code", code)])

    def refuse(self, trusted: Trusted, error: OAuthError) -> AuthorizationResponse:
        """Return the error as the client gets it (RFC 6749 §4.1.2.1)."""
        return self._error(trusted.redirect_uri, trusted.response_mode, trusted.state, error)

    def refuse_parked(self, request: AuthorizationRequest, error: OAuthError) -> AuthorizationResponse:
        """Return the error for a request that was parked."""
        return self._error(request.redirect_uri, request.response_mode, request.state, error)

    def _authorization(
        self,
        request: AuthorizationRequest,
        client: Client,
        live: LiveSession,
        ial: int,
        ward_id: str | None,
        names: Names,
    ) -> Authorization:
        # The level is that of whoever logged in, also where they act for another.
        level = self._levels.level_of(live.standing(ial, self._clock.now()))
        return Authorization(
            client_id=client.client_id,
            person_id=ward_id or live.person_id,
            session_id=live.id,
            sub=names.sub,
            sid=names.sid,
            scope=request.scope,
            resources=request.resources,
            claims=request.claims,
            acr=self._levels.acr_of(level),
            aal=live.aal,
            amr=live.amr,
            auth_time=live.auth_time,
            nonce=request.nonce,
            actor_person=live.person_id if ward_id is not None else None,
            actor_sub=names.actor_sub,
        )

    def _error(
        self, redirect_uri: str, response_mode: str, state: str | None, error: OAuthError
    ) -> AuthorizationResponse:
        members = [("error", error.error), ("error_description", error.description)]
        return self._response(redirect_uri, response_mode, state, members)

    def _response(
        self, redirect_uri: str, response_mode: str, state: str | None, members: list[tuple[str, str]]
    ) -> AuthorizationResponse:
        if state is not None:
            members.append(("state", state))
        members.append(("iss", self._issuer))  # RFC 9207 §2, in errors too
        return AuthorizationResponse(redirect_uri, response_mode, tuple(members))

    def _sole_redirect_uri(self, client: Client, scope: str | None) -> str:
        """Return the only registered URI where plain OAuth lets it be omitted (RFC 6749 §3.1.2.3)."""
        try:
            is_openid = "openid" in parse_scope(scope)
        except InvalidRequest:
            is_openid = True
        if is_openid or len(client.redirect_uris) != 1:  # OpenID Connect Core §3.1.2.1: REQUIRED
            raise PageError(AuthorizationProblem.BAD_REDIRECT_URI)
        return client.redirect_uris[0]

    def _sub_of_hint(self, hint: str, client: Client) -> str:
        found = self._hints.read(hint)
        if client.client_id not in found.audience:
            raise InvalidRequest("id_token_hint was issued to another client.")
        return found.sub


def consent_items(request: AuthorizationRequest, client: Client, *, is_ward: bool = False) -> frozenset[str]:
    """Return what the person must have consented to: scopes, the scopes that cover claims asked by name, and
    identity claims asked by name, each by itself.

    Identity claims are never told without a consent, whatever the client is excused from (PIPL art. 29), and of a
    child below 14 nothing is (art. 28, 31).
    """
    proved = asked_identity(request.scope, request.claims).items
    if not client.require_consent and not is_ward:
        return proved
    names = requested_names(request.claims, "userinfo") | requested_names(request.claims, "id_token")
    return (frozenset(request.scope) | scopes_of_claims(names) | proved) - {"openid"}


def is_registered(redirect_uri: str, client: Client) -> bool:
    """Tell whether the URI is registered, compared as text (RFC 9700 §2.1; ASVS 10.4.1).

    Only a native client's loopback URI may differ, and only in its port (RFC 8252 §7.3).
    """
    if redirect_uri in client.redirect_uris:
        return True
    if client.application_type != "native":
        return False
    without_port = _without_loopback_port(redirect_uri)
    return without_port is not None and without_port in map(_without_loopback_port, client.redirect_uris)


def _without_loopback_port(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "::1") or "@" in parts.netloc:
        return None
    del port
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts._replace(netloc=host).geturl()
