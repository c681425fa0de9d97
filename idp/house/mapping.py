"""The mapping API for older systems, and what is pushed to them."""

from dataclasses import dataclass

from idp.endpoints.api.callers import Callers
from idp.endpoints.api.mapping import (
    AccountsEndpoint,
    ChangesEndpoint,
    MappingDoor,
    SignUpsEndpoint,
    SubjectsEndpoint,
)
from idp.endpoints.api.quotas import Quotas
from idp.house.ground import Ground
from idp.house.protocol import Protocol
from idp.linking.announcements import Announcements
from idp.linking.changes import ChangeFeed
from idp.linking.mapping import Mapping
from idp.linking.sign_ups import SignUps
from idp.linking.speakers import Speakers
from idp.tokens.jwt import JwtSigner
from idp.tokens.shown_logins import ShownLogins


@dataclass(frozen=True, slots=True)
class MappingApi:
    """Everything that older systems ask, and the worker's part."""

    subjects: SubjectsEndpoint
    accounts: AccountsEndpoint
    changes: ChangesEndpoint
    sign_ups: SignUpsEndpoint
    announcements: Announcements
    speakers: Speakers


def build_mapping(ground: Ground, protocol: Protocol, *, callers: Callers, quotas: Quotas) -> MappingApi:
    """Return the collaborators."""
    database, keyring, clock, issuer = ground.database, ground.keyring, ground.clock, ground.settings.issuer
    door = MappingDoor(
        database=database,
        callers=callers,
        quotas=quotas,
        reads=ground.reads,
        per_minute=ground.settings.api.mapping_requests_per_minute,
    )
    signer = JwtSigner(keys=ground.signing_keys)
    mapping = Mapping(database=database, keyring=keyring, clock=clock)
    feed = ChangeFeed(database=database, keyring=keyring, clock=clock)
    return MappingApi(
        subjects=SubjectsEndpoint(door=door, mapping=mapping),
        accounts=AccountsEndpoint(door=door, mapping=mapping),
        changes=ChangesEndpoint(door=door, feed=feed),
        sign_ups=SignUpsEndpoint(
            door=door,
            sign_ups=SignUps(keyring=keyring),
            logins=ShownLogins(signer=signer, issuer=issuer),
            levels=protocol.levels,
            database=database,
            clock=clock,
        ),
        speakers=Speakers(clock=clock, allow_loopback_http=ground.settings.outbound.allow_loopback),
        announcements=Announcements(
            database=database,
            queue=protocol.queue,
            clients=protocol.clients,
            feed=feed,
            signer=signer,
            fetcher=ground.fetcher,
            clock=clock,
            issuer=issuer,
        ),
    )
