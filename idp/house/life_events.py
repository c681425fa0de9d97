"""What the house does at a death, for minors with guardians, and where two people proved one number."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.people import People
from idp.house.proofing import Proofing
from idp.house.protocol import Protocol
from idp.login.account.family import FamilyMembers
from idp.login.case_reviews import CaseReviews
from idp.login.counter_guardianships import CounterGuardianships
from idp.login.deaths import DeathReports
from idp.login.guardianships import Guardianships
from idp.login.messages import Messages
from idp.login.register_deaths import RegisterDeaths
from idp.login.two_persons import TwoPersons
from idp.persons.tries import Tries
from realname.providers.register.verifier import RegisterVerifier


@dataclass(frozen=True, slots=True)
class LifeEvents:
    """What carries deaths, guardianships and reviews out: for counter, command, register's word and account centre."""

    two_persons: TwoPersons
    deaths: DeathReports
    register_deaths: RegisterDeaths
    guardianships: CounterGuardianships
    family: FamilyMembers
    case_reviews: CaseReviews


def build_life_events(
    ground: Ground, people: People, protocol: Protocol, messages: Messages, proofing: Proofing
) -> LifeEvents:
    """Return them."""
    settings = ground.settings.realname
    register = RegisterVerifier(keyring=ground.keyring, statements=ground.statements)
    two_persons = TwoPersons(database=ground.database, directory=people.directory, register=register)
    reports = DeathReports(
        database=ground.database,
        directory=people.directory,
        two_persons=two_persons,
        ending=protocol.ending,
        messages=messages,
        clock=ground.clock,
        close_days=settings.death_close_days,
        default_locale=ground.settings.locales.default,
    )
    guardianships = Guardianships(
        keyring=ground.keyring,
        directory=people.directory,
        holders=people.holders,
        registration=people.registration,
        proved=proofing.proved,
        messages=messages,
        clock=ground.clock,
        valid_days=settings.name_valid_days,
        default_locale=ground.settings.locales.default,
    )
    return LifeEvents(
        two_persons=two_persons,
        deaths=reports,
        case_reviews=CaseReviews(
            database=ground.database,
            directory=people.directory,
            identifiers=people.identifiers,
            two_persons=two_persons,
            messages=messages,
            clock=ground.clock,
            default_locale=ground.settings.locales.default,
        ),
        register_deaths=RegisterDeaths(
            database=ground.database,
            keyring=ground.keyring,
            holders=people.holders,
            reports=reports,
            clock=ground.clock,
        ),
        guardianships=CounterGuardianships(
            database=ground.database,
            holders=people.holders,
            guardianships=guardianships,
            two_persons=two_persons,
            clock=ground.clock,
        ),
        family=FamilyMembers(
            database=ground.database,
            sessions=protocol.sessions,
            directory=people.directory,
            verifier=proofing.verifier,
            # Other services say nothing of guardians.
            register=register if settings.provider == "register" else None,
            guardianships=guardianships,
            tries=Tries(tries_before_lock=settings.tries_per_person, lock_seconds=settings.lock_seconds),
            keyring=ground.keyring,
            clock=ground.clock,
        ),
    )
