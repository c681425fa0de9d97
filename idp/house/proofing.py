"""The login's ways of proving who somebody is."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.people import People
from idp.house.protocol import Protocol
from idp.house.realname import (
    build_face_verifier,
    build_network_identity,
    build_verifier,
    face_script,
    number_ial,
    offered_ial,
)
from idp.login.asserted import AssertedAccounts
from idp.login.counter.newcomers import Newcomers
from idp.login.counter.visit import Visits
from idp.login.inquiry import Inquiry
from idp.login.interaction import Interactions
from idp.login.messages import Messages
from idp.login.own_mobile import OwnMobile
from idp.login.proved import ProvedAccounts
from idp.login.raising import Raising
from idp.login.steps.counter import CounterStep
from idp.login.steps.face import FaceScript, FaceStep
from idp.login.steps.mobile_factor import MobileFactorStep
from idp.login.steps.network_identity import NetworkIdentityStep
from idp.login.steps.proofing import ProofingStep
from idp.persons.tries import Tries
from realname.proofing.proofings import Proofings
from realname.providers.guarded import GuardedVerifier


@dataclass(frozen=True, slots=True)
class Proofing:
    """The guarded service, the steps, and what carries a proofing out.

    `number_ial` is how far up name and number lead, `offered_ial` how far anything does online. `face` is None where
    none compares faces, `face_script` where that service needs none in our page, `network_identity` where no gateway
    leads to that service, `counter` where halls verify nobody.
    """

    offered_ial: int
    number_ial: int
    verifier: GuardedVerifier
    proved: ProvedAccounts
    number: ProofingStep
    face: FaceStep | None
    face_script: FaceScript | None
    network_identity: NetworkIdentityStep | None
    visits: Visits
    newcomers: Newcomers
    counter: CounterStep | None
    mobile_factor: MobileFactorStep


def build_proofing(
    ground: Ground,
    people: People,
    protocol: Protocol,
    interactions: Interactions,
    own_mobile: OwnMobile,
    messages: Messages,
) -> Proofing:
    """Return them."""
    settings, clock, database = ground.settings.realname, ground.clock, ground.database
    proved = ProvedAccounts(
        proofings=Proofings(
            keyring=ground.keyring,
            ciphers=people.ciphers,
            identifiers=people.identifiers,
            holders=people.holders,
            attributes=people.attributes,
        ),
        sessions=protocol.sessions,
        ending=protocol.ending,
        messages=messages,
        clock=clock,
    )
    raising = Raising(
        database=database,
        sessions=protocol.sessions,
        directory=people.directory,
        proved=proved,
        tries=Tries(tries_before_lock=settings.tries_per_person, lock_seconds=settings.lock_seconds),
        keyring=ground.keyring,
        clock=clock,
    )
    verifier = build_verifier(ground)
    inquiry = Inquiry(verifier=verifier, raising=raising, clock=clock, valid_days=settings.name_valid_days)
    faces = build_face_verifier(ground)
    face = None
    if faces is not None:
        face = FaceStep(
            database=database,
            interactions=interactions,
            directory=people.directory,
            verifier=faces,
            raising=raising,
            keyring=ground.keyring,
            clock=clock,
            valid_days=settings.face_valid_days,
        )
    visits = Visits(store=ground.store, life_seconds=interactions.life_seconds)
    counter = None
    if settings.counter:
        counter = CounterStep(
            database=database,
            interactions=interactions,
            visits=visits,
            raising=raising,
            clock=clock,
            valid_days=settings.counter_valid_days,
            presence_seconds=settings.presence_seconds,
        )
    return Proofing(
        offered_ial=offered_ial(settings),
        number_ial=number_ial(settings),
        verifier=verifier,
        proved=proved,
        number=ProofingStep(
            database=database,
            interactions=interactions,
            directory=people.directory,
            own_mobile=own_mobile,
            inquiry=inquiry,
            raising=raising,
            clock=clock,
        ),
        face=face,
        face_script=face_script(settings),
        network_identity=_network_identity(ground, people, interactions, own_mobile, verifier, raising),
        visits=visits,
        newcomers=Newcomers(
            database=database,
            store=ground.store,
            proved=proved,
            messages=messages,
            keyring=ground.keyring,
            clock=clock,
            valid_days=settings.counter_valid_days,
            locale=ground.settings.locales.default,
        ),
        counter=counter,
        mobile_factor=MobileFactorStep(
            database=database, interactions=interactions, own_mobile=own_mobile, clock=clock
        ),
    )


def _network_identity(
    ground: Ground,
    people: People,
    interactions: Interactions,
    own_mobile: OwnMobile,
    verifier: GuardedVerifier,
    raising: Raising,
) -> NetworkIdentityStep | None:
    gateway = build_network_identity(ground)
    if gateway is None:
        return None
    return NetworkIdentityStep(
        database=ground.database,
        interactions=interactions,
        verifier=gateway,
        accounts=AssertedAccounts(
            database=ground.database,
            directory=people.directory,
            identifiers=people.identifiers,
            own_mobile=own_mobile,
            verifier=verifier,
        ),
        own_mobile=own_mobile,
        raising=raising,
        clock=ground.clock,
        valid_days=ground.settings.realname.network_identity_valid_days,
    )
