"""The API for approved systems and enrolled devices: approvals, endpoints, and what the worker does for it."""

from dataclasses import dataclass
from typing import Any

from clients.own_api import ApiApprovals, audience_of
from idp.config.settings import Settings
from idp.core.errors import ConfigError
from idp.endpoints.api.callers import Callers
from idp.endpoints.api.devices import DeviceDoor, DevicesEndpoint, ReadingsEndpoint, WantedEndpoint
from idp.endpoints.api.idempotency import Idempotency
from idp.endpoints.api.levels import LevelsEndpoint
from idp.endpoints.api.openapi import openapi_document
from idp.endpoints.api.persons import PersonsEndpoint
from idp.endpoints.api.quotas import Quotas
from idp.endpoints.api.verifications import VerificationsEndpoint
from idp.house.counter import Counter
from idp.house.ground import Ground
from idp.house.mapping import MappingApi, build_mapping
from idp.house.people import People
from idp.house.protocol import Protocol
from idp.login.messages import Messages
from idp.login.preparations import Preparations
from idp.tokens.client_levels import ClientLevels
from realname.providers.guarded import GuardedVerifier


@dataclass(frozen=True, slots=True)
class Api:
    """Everything that speaks to approved systems and devices."""

    approvals: ApiApprovals
    preparations: Preparations
    persons: PersonsEndpoint
    verifications: VerificationsEndpoint
    levels: LevelsEndpoint
    mapping: MappingApi
    devices: DevicesEndpoint
    wanted: WantedEndpoint
    readings: ReadingsEndpoint
    document: dict[str, Any]


def refuse_self_approval(settings: Settings) -> None:
    """Raise ConfigError where whoever registers by themselves would be given our own API."""
    if audience_of(settings.issuer) in settings.registration.resources:
        raise ConfigError("registration.resources: our own API is approved client by client. Remove it.")


def build_api(
    ground: Ground, people: People, protocol: Protocol, counter: Counter, *, verifier: GuardedVerifier
) -> Api:
    """Return the API's collaborators; it asks the same guarded service as the login."""
    settings, limits = ground.settings, ground.settings.api
    database, clock, keyring = ground.database, ground.clock, ground.keyring
    locale = settings.locales.default
    callers = Callers(verifier=protocol.verifier, resources=protocol.resources, audience=audience_of(settings.issuer))
    quotas = Quotas(store=ground.store, keyring=keyring, clock=clock)
    door = DeviceDoor(authenticator=counter.authenticator, quotas=quotas, per_minute=limits.device_requests_per_minute)
    preparations = Preparations(
        database=database,
        queue=protocol.queue,
        directory=people.directory,
        registration=people.registration,
        prepared=people.prepared,
        messages=Messages(queue=protocol.queue, directory=people.directory),
        store=ground.store,
        keyring=keyring,
        clock=clock,
        locale=locale,
        messages_per_mobile_per_day=limits.messages_per_mobile_per_day,
    )
    return Api(
        approvals=ApiApprovals(
            database=database,
            registry=protocol.clients,
            administration=protocol.administration,
            resources=protocol.resources,
            issuer=settings.issuer,
        ),
        preparations=preparations,
        persons=PersonsEndpoint(
            callers=callers,
            quotas=quotas,
            idempotency=Idempotency(keyring=keyring),
            preparations=preparations,
            database=database,
            clock=clock,
            locale=locale,
            per_hour=limits.registrations_per_hour,
            per_number_per_day=limits.registrations_per_number_per_day,
        ),
        verifications=VerificationsEndpoint(
            callers=callers,
            quotas=quotas,
            verifier=verifier,
            directory=people.directory,
            database=database,
            clock=clock,
            per_day=limits.verifications_per_day,
        ),
        levels=LevelsEndpoint(
            callers=callers,
            quotas=quotas,
            levels=ClientLevels(database=database, standings=protocol.standings, clock=clock),
            reads=ground.reads,
            per_minute=limits.levels_per_minute,
        ),
        mapping=build_mapping(ground, protocol, callers=callers, quotas=quotas),
        devices=DevicesEndpoint(
            devices=counter.devices, quotas=quotas, per_address_per_hour=limits.device_enrolments_per_hour
        ),
        wanted=WantedEndpoint(door=door, readings=counter.readings),
        readings=ReadingsEndpoint(door=door, readings=counter.readings),
        document=openapi_document(settings.issuer),
    )
