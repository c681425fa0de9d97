"""The protocol's floor of the house: clients, tokens, grants, endpoints."""

from dataclasses import dataclass
from typing import Any

from clients.administration import ClientAdministration
from clients.approvals import ClaimApprovals
from clients.authentication import ClientAuthenticator
from clients.client_keys import ClientKeys
from clients.memory import RegistryMark
from clients.metadata import ASSERTION_ALGORITHMS, RegistrationPolicy
from clients.registration import DynamicRegistration
from clients.registry import ClientRegistry
from clients.resources import ResourceServers
from clients.sector import SectorDocuments
from idp.config.settings import RegistrationSettings
from idp.endpoints.authorize import AuthorizeEndpoint
from idp.endpoints.end_session import EndSessionEndpoint
from idp.endpoints.introspect import IntrospectEndpoint
from idp.endpoints.metadata import EndpointUrls, build_metadata
from idp.endpoints.revoke import RevokeEndpoint
from idp.endpoints.token import TokenEndpoint
from idp.endpoints.token_limit import TokenLimit
from idp.endpoints.userinfo import UserinfoEndpoint
from idp.grants.authorization_code import AuthorizationCodeGrant
from idp.grants.client_credentials import ClientCredentialsGrant
from idp.grants.grant import Grant
from idp.grants.refresh_token import RefreshTokenGrant
from idp.house.ground import Ground
from idp.house.people import People
from idp.outbox.queue import Queue
from idp.sessions.ending import SessionEnding
from idp.sessions.role_changes import RoleChanges
from idp.sessions.service import Limits, Sessions
from idp.tokens.claims import IDENTITY_SCOPES
from idp.tokens.code import AuthorizationCodes
from idp.tokens.exchanges import Exchanges
from idp.tokens.family_states import FamilyStates
from idp.tokens.hints import IdTokenHints
from idp.tokens.identity_claims import IdentityClaims
from idp.tokens.issue import Lifetimes, TokenIssuer
from idp.tokens.jwt import JwtSigner
from idp.tokens.logout_delivery import LogoutDelivery
from idp.tokens.redemptions import Redemptions
from idp.tokens.refresh import RefreshLimits, RefreshTokens
from idp.tokens.response import TokenResponses
from idp.tokens.standing import Standings
from idp.tokens.verify import AccessTokenVerifier
from realname.levels.level import LevelTable, Row


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything that speaks to clients."""

    urls: EndpointUrls
    levels: LevelTable
    clients: ClientRegistry
    administration: ClientAdministration
    approvals: ClaimApprovals
    resources: ResourceServers
    dynamic: DynamicRegistration
    sessions: Sessions
    ending: SessionEnding
    roles: RoleChanges
    queue: Queue
    verifier: AccessTokenVerifier
    standings: Standings
    authorize: AuthorizeEndpoint
    token: TokenEndpoint
    userinfo: UserinfoEndpoint
    introspect: IntrospectEndpoint
    revoke: RevokeEndpoint
    end_session: EndSessionEndpoint
    logout_delivery: LogoutDelivery
    metadata: dict[str, Any]


def build_levels(ground: Ground) -> LevelTable:
    """Return the table that joins the scales, from the settings."""
    levels = ground.settings.levels
    rows = tuple(Row(row.level, row.ial, row.aal, row.or_presence) for row in levels.rows)
    return LevelTable(rows=rows, ceilings=levels.channel_ceilings, acr_prefix=levels.acr_prefix)


def build_protocol(ground: Ground, people: People) -> Protocol:
    """Return the protocol's collaborators."""
    settings, clock, database = ground.settings, ground.clock, ground.database
    urls, levels = EndpointUrls(settings.issuer), build_levels(ground)
    mark = RegistryMark(store=ground.store)
    registry = ClientRegistry(database=database, clock=clock, mark=mark)
    resources = ResourceServers(database=database, clock=clock, mark=mark, reads=ground.reads)
    administration = ClientAdministration(
        database=database,
        keyring=ground.keyring,
        clock=clock,
        registry=registry,
        mark=mark,
        policy=_registration_policy(ground),
        resolve_sector=SectorDocuments(fetcher=ground.fetcher).fetch,
        api_scopes=resources.scopes,
    )
    authenticator = ClientAuthenticator(
        database=database,
        registry=registry,
        keys=ClientKeys(database=database, fetcher=ground.fetcher, store=ground.store, clock=clock),
        keyring=ground.keyring,
        store=ground.store,
        clock=clock,
        issuer=settings.issuer,
        token_endpoint=urls.token,
    )
    sessions = Sessions(
        clock=clock,
        citizen=Limits(settings.sessions.idle_seconds, settings.sessions.absolute_seconds),
        staff=Limits(settings.sessions.staff_idle_seconds, settings.sessions.staff_absolute_seconds),
    )
    queue = Queue(database=database, keyring=ground.keyring, clock=clock)
    ending = SessionEnding(sessions=sessions, clients=registry, queue=queue, clock=clock, issuer=settings.issuer)
    signer = JwtSigner(keys=ground.signing_keys)
    issuer = TokenIssuer(
        signer=signer,
        clock=clock,
        issuer=settings.issuer,
        lifetimes=Lifetimes(settings.tokens.id_token_seconds, settings.tokens.access_token_seconds),
    )
    hints = IdTokenHints(signer=signer, issuer=settings.issuer)
    codes = AuthorizationCodes(keyring=ground.keyring, clock=clock)
    refresh_tokens = RefreshTokens(
        keyring=ground.keyring,
        clock=clock,
        limits=RefreshLimits(
            settings.tokens.refresh_grace_seconds,
            settings.tokens.refresh_idle_seconds,
            settings.tokens.refresh_absolute_seconds,
        ),
    )
    responses = TokenResponses(
        database=database,
        issuer=issuer,
        issuer_name=settings.issuer,
        resources=resources,
        directory=people.directory,
        clock=clock,
        userinfo_seconds=settings.tokens.access_token_seconds,
    )
    standings = Standings(sessions=sessions, levels=levels)
    verifier = AccessTokenVerifier(
        signer=signer,
        statements=ground.statements,
        states=FamilyStates(statements=ground.statements, clock=clock),
        clients=registry,
        clock=clock,
        issuer=settings.issuer,
    )
    identity = IdentityClaims(
        statements=ground.statements, identities=people.proved_identities, traces=ground.releases, clock=clock
    )
    redemptions = Redemptions(
        database=database,
        statements=ground.statements,
        sessions=sessions,
        refresh_tokens=refresh_tokens,
        clock=clock,
    )
    exchanges = Exchanges(
        statements=ground.statements,
        sessions=sessions,
        refresh_tokens=refresh_tokens,
        standings=standings,
        clock=clock,
    )
    grants: list[Grant] = [
        AuthorizationCodeGrant(
            database=database,
            store=ground.store,
            codes=codes,
            redemptions=redemptions,
            responses=responses,
            clock=clock,
        ),
        RefreshTokenGrant(
            database=database,
            refresh_tokens=refresh_tokens,
            exchanges=exchanges,
            responses=responses,
            standings=standings,
            clock=clock,
        ),
        ClientCredentialsGrant(responses=responses),
    ]
    token = TokenEndpoint(
        authenticator=authenticator,
        limit=TokenLimit(clock=clock, per_minute=settings.limits.token_per_minute, workers=settings.server.workers),
        grants={grant.grant_type: grant for grant in grants},
        url=urls.token,
    )
    is_open = settings.registration.dynamic == "open"
    return Protocol(
        urls=urls,
        levels=levels,
        clients=registry,
        administration=administration,
        approvals=ClaimApprovals(administration=administration),
        resources=resources,
        dynamic=DynamicRegistration(
            database=database,
            registry=registry,
            administration=administration,
            registration_endpoint=urls.registration,
            is_open=is_open,
            assertion_audience="legacy" if settings.profile == "conformance" else "issuer",
            allowed_resources=settings.registration.resources,
        ),
        sessions=sessions,
        ending=ending,
        roles=RoleChanges(
            database=database,
            directory=people.directory,
            contacts=people.contacts,
            totp=people.totp,
            ending=ending,
            clock=clock,
        ),
        queue=queue,
        verifier=verifier,
        standings=standings,
        authorize=AuthorizeEndpoint(
            database=database,
            store=ground.store,
            clients=registry,
            resources=resources,
            sessions=sessions,
            codes=codes,
            hints=hints,
            levels=levels,
            clock=clock,
            issuer=settings.issuer,
            code_seconds=settings.tokens.code_seconds,
        ),
        token=token,
        userinfo=UserinfoEndpoint(
            verifier=verifier,
            profiles=people.claim_profiles,
            identity=identity,
            signer=signer,
            issuer=settings.issuer,
        ),
        introspect=IntrospectEndpoint(
            database=database,
            authenticator=authenticator,
            verifier=verifier,
            refresh_tokens=refresh_tokens,
            resources=resources,
            standings=standings,
            identity=identity,
            clock=clock,
            issuer=settings.issuer,
            url=urls.introspection,
        ),
        revoke=RevokeEndpoint(
            database=database,
            authenticator=authenticator,
            verifier=verifier,
            refresh_tokens=refresh_tokens,
            clock=clock,
            url=urls.revocation,
        ),
        end_session=EndSessionEndpoint(
            database=database, clients=registry, sessions=sessions, ending=ending, hints=hints
        ),
        logout_delivery=LogoutDelivery(clients=registry, issuer=issuer, fetcher=ground.fetcher),
        metadata=build_metadata(
            urls,
            scopes=_advertised_scopes(settings.registration),
            grant_types=token.grant_types,
            acr_values=levels.acr_values,
            locales=settings.locales.supported,
            signing_algorithms=tuple(
                dict.fromkeys(each for listed in ASSERTION_ALGORITHMS.values() for each in listed)
            ),
            with_registration=is_open,
        ),
    )


def _advertised_scopes(registration: RegistrationSettings) -> tuple[str, ...]:
    """Return the identity scopes, and of APIs those that anybody's client is given by registering itself."""
    given = registration.default_scope if registration.dynamic == "open" else ()
    return tuple(dict.fromkeys((*IDENTITY_SCOPES, *given)))


def _registration_policy(ground: Ground) -> RegistrationPolicy:
    settings = ground.settings
    return RegistrationPolicy(
        scopes=frozenset(IDENTITY_SCOPES),
        default_scope=frozenset(settings.registration.default_scope),
        allow_loopback_http=settings.outbound.allow_loopback,
    )
