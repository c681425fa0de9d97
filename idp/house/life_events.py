"""What the house does at a death, and for minors with guardians."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.people import People
from idp.house.protocol import Protocol
from idp.login.deaths import DeathReports
from idp.login.messages import Messages
from idp.login.register_deaths import RegisterDeaths
from idp.login.two_persons import TwoPersons
from realname.providers.register.verifier import RegisterVerifier


@dataclass(frozen=True, slots=True)
class LifeEvents:
    """What carries reported deaths out, and what acts on those that the register says."""

    deaths: DeathReports
    register_deaths: RegisterDeaths


def build_life_events(ground: Ground, people: People, protocol: Protocol, messages: Messages) -> LifeEvents:
    """Return them."""
    register = RegisterVerifier(keyring=ground.keyring, statements=ground.statements)
    two_persons = TwoPersons(database=ground.database, directory=people.directory, register=register)
    reports = DeathReports(
        database=ground.database,
        directory=people.directory,
        two_persons=two_persons,
        ending=protocol.ending,
        messages=messages,
        clock=ground.clock,
        close_days=ground.settings.realname.death_close_days,
        default_locale=ground.settings.locales.default,
    )
    return LifeEvents(
        deaths=reports,
        register_deaths=RegisterDeaths(
            database=ground.database,
            keyring=ground.keyring,
            identifiers=people.identifiers,
            reports=reports,
            clock=ground.clock,
        ),
    )
