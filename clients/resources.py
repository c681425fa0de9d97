"""Resource servers: the APIs that tokens are for, and which of them a client may ask for (RFC 8707)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.client import Client
from clients.memory import RegistryMark, Remembered
from clients.models import ResourceServerRow
from clients.uris import parse_uri
from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.audit.reading import ReadCounts
from idp.core.clock import Clock
from idp.core.errors import ConfigError
from idp.core.oauth_errors import InvalidTarget
from idp.storage.engine import Database

MAX_REQUESTED = 20
MAX_ACCESS_TOKEN_SECONDS = 300
TOKEN_FORMATS = ("jwt", "opaque")
ALGORITHMS = ("ES256", "RS256")


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """An API that accepts our access tokens, and how it wants them.

    `sector` decides which `sub` its tokens carry; empty means its own. `introspection_clients` may ask
    about tokens for it.
    """

    audience: str
    name: str
    scopes: frozenset[str] = frozenset()
    token_format: str = "jwt"  # noqa: S105
    algorithm: str = "ES256"
    access_token_seconds: int = MAX_ACCESS_TOKEN_SECONDS
    sector: str = ""
    introspection_clients: tuple[str, ...] = ()
    department_id: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """One resource server of a request, and those of the scopes asked for that are its own."""

    server: ResourceServer
    scope: frozenset[str] = field(default_factory=frozenset)


class ResourceServers:
    """Finds and keeps resource servers, and resolves the `resource` parameter against them."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        mark: RegistryMark | None = None,
        reads: ReadCounts | None = None,
    ) -> None:
        """Without a `mark` every look-up reads the database; without `reads` no question is counted."""
        self._reads = reads
        self._database = database
        self._clock = clock
        self._mark = mark
        self._remembered: Remembered[ResourceServer] | None = Remembered(mark=mark, clock=clock) if mark else None

    def note_question(self, client: Client, origin: Origin) -> None:
        """Count that a client asked about a token, whatever it is told."""
        if self._reads is not None:
            self._reads.note(Event.TOKEN_INTROSPECTED, client.client_id, origin=origin)

    def find(self, audience: str) -> ResourceServer | None:
        """Return the resource server in whatever state it is, or None."""
        if self._remembered is None:
            return self._load(audience)
        return self._remembered.get(audience, self._load)

    def scopes(self) -> frozenset[str]:
        """Return the scopes of all resource servers in service: what clients may register beside identity scopes."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(ResourceServerRow.scopes).where(ResourceServerRow.state == "active"))
            return frozenset(scope for scopes in rows for scope in scopes)

    def create(self, server: ResourceServer) -> ResourceServer:
        """Keep a new resource server; raises ConfigError where its settings are unfit or taken."""
        _check(server)
        row = ResourceServerRow(audience=server.audience, created_at=self._clock.now(), **_columns(server))
        try:
            with self._database.transaction() as session:
                session.add(row)
                session.flush()
                self._record(session, Event.RESOURCE_SERVER_CREATED, row)
        except sa.exc.IntegrityError:
            raise ConfigError("resource server: the audience is taken, or the department unknown") from None
        return _from_row(row)

    def update(self, server: ResourceServer) -> ResourceServer:
        """Replace the settings of a resource server; raises ConfigError where unfit or unknown."""
        _check(server)
        with self._database.transaction() as session:
            row = session.scalar(
                sa.select(ResourceServerRow).where(ResourceServerRow.audience == server.audience).with_for_update()
            )
            if row is None:
                raise ConfigError("resource server: unknown audience; create it first")
            if (server.sector or server.audience) != row.sector:
                raise ConfigError("resource server: another sector would give every person another sub there")
            for name, value in _columns(server).items():
                setattr(row, name, value)
            session.flush()
            self._record(session, Event.RESOURCE_SERVER_UPDATED, row)
        self._changed()
        return _from_row(row)

    def resolve(self, client: Client, requested: Sequence[str], scope: Collection[str]) -> tuple[Target, ...]:
        """Return the resource servers that a request is for, each with its share of `scope`.

        Where no resource is named, those of the client's that own a scope asked for. Raises InvalidTarget.
        """
        if len(requested) > MAX_REQUESTED:
            raise InvalidTarget(detail="too many resources")
        for resource in requested:
            uri = parse_uri(resource)
            # RFC 8707 §2: an absolute URI without a fragment.
            if uri is None or uri.has_fragment:
                raise InvalidTarget("A resource is not an absolute URI without fragment.")
            if resource not in client.allowed_resources:
                raise InvalidTarget(detail="resource is not allowed for this client")
        wanted = list(dict.fromkeys(requested or client.allowed_resources))
        known = {audience: self.find(audience) for audience in wanted}
        targets = []
        for audience in wanted:
            server = known.get(audience)
            if server is not None and server.is_active:
                targets.append(Target(server, server.scopes & frozenset(scope)))
            elif requested:
                raise InvalidTarget(detail="resource is unknown or out of service")
        return tuple(targets) if requested else tuple(target for target in targets if target.scope)

    def _load(self, audience: str) -> ResourceServer | None:
        # parse_uri also keeps out what a database refuses, such as NUL.
        if parse_uri(audience) is None:
            return None
        with self._database.read() as session:
            row = session.scalar(sa.select(ResourceServerRow).where(ResourceServerRow.audience == audience))
            return _from_row(row) if row is not None else None

    def _record(self, session: Session, event: Event, row: ResourceServerRow) -> None:
        record(session, event, at=self._clock.now(), details={"audience": row.audience, "state": row.state})

    def _changed(self) -> None:
        if self._mark is not None:
            self._mark.renew()


def _check(server: ResourceServer) -> None:
    uri = parse_uri(server.audience)
    if uri is None or uri.has_fragment:
        raise ConfigError("resource server: the audience must be an absolute URI without fragment")
    if server.token_format not in TOKEN_FORMATS or server.algorithm not in ALGORITHMS:
        raise ConfigError("resource server: token_format is jwt or opaque, algorithm ES256 or RS256")
    if not 0 < server.access_token_seconds <= MAX_ACCESS_TOKEN_SECONDS:
        raise ConfigError("resource server: access_token_seconds must be from 1 to 300")


def _columns(server: ResourceServer) -> dict[str, object]:
    return {
        "name": server.name,
        "scopes": sorted(server.scopes),
        "token_format": server.token_format,
        "algorithm": server.algorithm,
        "access_token_seconds": server.access_token_seconds,
        "sector": server.sector or server.audience,
        "introspection_clients": list(server.introspection_clients),
        "department_id": server.department_id,
        "state": "active" if server.is_active else "disabled",
    }


def _from_row(row: ResourceServerRow) -> ResourceServer:
    return ResourceServer(
        audience=row.audience,
        name=row.name,
        scopes=frozenset(row.scopes),
        token_format=row.token_format,
        algorithm=row.algorithm,
        access_token_seconds=row.access_token_seconds,
        sector=row.sector,
        introspection_clients=tuple(row.introspection_clients),
        department_id=row.department_id,
        is_active=row.state == "active",
    )
