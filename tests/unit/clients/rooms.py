"""What the tests of clients share: a clock that stands still, an outside world, and the collaborators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients.administration import ClientAdministration
from clients.authentication import ClientAuthenticator
from clients.client_keys import ClientKeys
from clients.metadata import RegistrationPolicy
from clients.registration import DynamicRegistration
from clients.registry import ClientRegistry
from clients.resources import ResourceServers
from clients.sector import SectorDocuments
from idp.core.clock import Clock
from idp.crypto.keyring import Keyring
from idp.outbound.fetcher import OutboundReason, OutboundRefused, OutboundResponse
from idp.storage.engine import Database
from idp.storage.short_lived.store import ShortLivedStore

#: For a module's `pytestmark`: its tests run on both databases (architecture, decision 2).
BOTH_DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
ISSUER = "https://id.example.gov.cn"
TOKEN_ENDPOINT = f"{ISSUER}/token"
START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
POLICY = RegistrationPolicy(scopes=frozenset({"openid", "profile", "phone", "offline_access", "housing.read"}))
WEB: Mapping[str, Any] = {"redirect_uris": ["https://portal.example.cn/callback"], "client_name": "Portal"}


class StillClock(Clock):
    """Moves only when told to."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


class FakeFetcher:
    """Answers from a dict instead of the network, and counts the calls."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.calls: list[str] = []

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> OutboundResponse:
        self.calls.append(url)
        if url not in self.pages:
            raise OutboundRefused(OutboundReason.UNREACHABLE)
        status, body = self.pages[url]
        return OutboundResponse(status=status, headers={}, body=body)


@dataclass
class Rooms:
    """The collaborators over one database."""

    database: Database
    keyring: Keyring
    store: ShortLivedStore
    clock: StillClock
    fetcher: FakeFetcher
    registry: ClientRegistry = field(init=False)
    administration: ClientAdministration = field(init=False)
    resources: ResourceServers = field(init=False)

    def __post_init__(self) -> None:
        self.registry = ClientRegistry(database=self.database, clock=self.clock)
        self.administration = ClientAdministration(
            database=self.database,
            keyring=self.keyring,
            clock=self.clock,
            registry=self.registry,
            policy=POLICY,
            resolve_sector=SectorDocuments(fetcher=self.fetcher).fetch,
        )
        self.resources = ResourceServers(database=self.database, clock=self.clock)

    def authenticator(self) -> ClientAuthenticator:
        """Return a new one, as another worker would have it."""
        keys = ClientKeys(database=self.database, fetcher=self.fetcher, store=self.store, clock=self.clock)
        return ClientAuthenticator(
            database=self.database,
            registry=self.registry,
            keys=keys,
            keyring=self.keyring,
            store=self.store,
            clock=self.clock,
            issuer=ISSUER,
            token_endpoint=TOKEN_ENDPOINT,
        )

    def registration(self, *, is_open: bool = True, assertion_audience: str = "issuer") -> DynamicRegistration:
        """Return dynamic registration with that setting."""
        return DynamicRegistration(
            database=self.database,
            registry=self.registry,
            administration=self.administration,
            registration_endpoint=f"{ISSUER}/register",
            is_open=is_open,
            assertion_audience=assertion_audience,
        )


RoomsMaker = Callable[[], Rooms]
