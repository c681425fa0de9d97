"""Our own API as a resource server, and which clients administration approved for it.

Approved is who may name its audience and holds one of its scopes. A client that registered itself manages its own
scopes, so it is never approved: it could give itself another one.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa

from clients.administration import ClientAdministration
from clients.changes import ChangeRefusal, ClientChangeRefused
from clients.client import Client
from clients.models import ClientRow
from clients.overrides import Overrides
from clients.registry import ClientRegistry
from clients.resources import ResourceServer, ResourceServers
from idp.audit.log import NOWHERE, Origin
from idp.core.oauth_errors import InvalidClientMetadata
from idp.storage.engine import Database

PATH = "/api/v1"
REGISTER, VERIFY, LEVEL = "person:register", "person:verify", "person:level"
#: For older systems: whose accounts theirs are, and new ones.
MAPPING, SIGN_UP = "mapping:read", "mapping:sign_up"
SCOPES = frozenset({REGISTER, VERIFY, LEVEL, MAPPING, SIGN_UP})
_GRANT = "client_credentials"


def audience_of(issuer: str) -> str:
    """Return the audience that tokens for our own API have."""
    return issuer + PATH


@dataclass(frozen=True, slots=True)
class _Rights:
    """What a client has after a change: scopes, grant types and audiences."""

    scope: frozenset[str]
    grant_types: tuple[str, ...]
    resources: tuple[str, ...]


class ApiApprovals:
    """Approves clients for our own API and takes it back; each change is that of a client, audited as such."""

    def __init__(
        self,
        *,
        database: Database,
        registry: ClientRegistry,
        administration: ClientAdministration,
        resources: ResourceServers,
        issuer: str,
    ) -> None:
        self._database = database
        self._registry = registry
        self._administration = administration
        self._resources = resources
        self._audience = audience_of(issuer)

    def approve(self, client_id: str, scopes: Collection[str], *, origin: Origin = NOWHERE) -> Client:
        """Let the client ask for these scopes of the API and for no others of it.

        Raises InvalidClientMetadata for a client that may not be approved, or ClientChangeRefused.
        """
        if not scopes or not SCOPES.issuperset(scopes):
            raise InvalidClientMetadata(f"The scopes of the API are {', '.join(sorted(SCOPES))}.")
        client = self._find(client_id)
        if not client.is_confidential:  # RFC 6749 §4.4
            raise InvalidClientMetadata("A client without a credential of its own cannot be approved.")
        if self._manages_itself(client_id):
            raise InvalidClientMetadata("A client that registered itself cannot be approved. Register another one.")
        self._offer()
        rights = _Rights(
            scope=client.scope.difference(SCOPES).union(scopes),
            grant_types=tuple(dict.fromkeys((*client.grant_types, _GRANT))),
            resources=tuple(dict.fromkeys((*client.allowed_resources, self._audience))),
        )
        return self._change(client, rights, origin)

    def withdraw(self, client_id: str, *, origin: Origin = NOWHERE) -> Client:
        """Take the API from the client, from its next request on; raises ClientChangeRefused."""
        client = self._find(client_id)
        rights = _Rights(
            scope=client.scope.difference(SCOPES),
            grant_types=client.grant_types,
            resources=tuple(each for each in client.allowed_resources if each != self._audience),
        )
        return self._change(client, rights, origin)

    def _offer(self) -> None:
        """See to it that the API is among the resource servers, with all its scopes."""
        server = self._resources.find(self._audience)
        if server is None:
            self._resources.create(ResourceServer(audience=self._audience, name="Yihao API", scopes=SCOPES))
        elif server.scopes != SCOPES:  # a release before this one had others
            self._resources.update(replace(server, scopes=SCOPES))

    def _change(self, client: Client, rights: _Rights, origin: Origin) -> Client:
        document = {**client.metadata, "scope": " ".join(sorted(rights.scope)), "grant_types": list(rights.grant_types)}
        changed = self._administration.update(
            client.client_id,
            document,
            origin=origin,
            overrides=Overrides(allowed_resources=rights.resources),
            expected_version=client.version,
        )
        return changed.client

    def _find(self, client_id: str) -> Client:
        client = self._registry.find(client_id)
        if client is None:
            raise ClientChangeRefused(ChangeRefusal.UNKNOWN_CLIENT)
        return client

    def _manages_itself(self, client_id: str) -> bool:
        statement = sa.select(ClientRow.registration_token_hash).where(ClientRow.client_id == client_id)
        with self._database.read() as session:
            return session.scalar(statement) is not None
