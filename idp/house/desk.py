"""The clerk's side of the counter: visits, and matters that two decide."""

from idp.house.counter import Counter
from idp.house.ground import Ground
from idp.house.login import Login
from idp.house.people import People
from idp.house.realname import build_card_verifier
from idp.house.register import PopulationRegister
from idp.login.counter.card_standing import CardStanding
from idp.login.counter.carrying_out import CarryingOut
from idp.login.counter.clerks import Clerks
from idp.login.counter.desk import Desk
from idp.login.counter.matter import ParkedMatters
from idp.login.counter.matters import Matters
from idp.login.counter.scrutiny import Scrutiny


def build_desk(ground: Ground, people: People, login: Login, counter: Counter, register: PopulationRegister) -> Desk:
    """Return what clerks do; who lives with whom is known only where the register is our own."""
    is_own = ground.settings.realname.provider == "register"
    return Desk(
        database=ground.database,
        visits=login.proofing.visits,
        clerks=Clerks(database=ground.database, devices=counter.devices),
        readings=counter.readings,
        scrutiny=Scrutiny(
            database=ground.database,
            identifiers=people.identifiers,
            holders=people.holders,
            households=register.verifier if is_own else None,
            clock=ground.clock,
        ),
        newcomers=login.proofing.newcomers,
        cards=CardStanding(verifier=build_card_verifier(ground), clock=ground.clock),
        clock=ground.clock,
    )


def build_matters(ground: Ground, people: People, login: Login, counter: Counter) -> Matters:
    """Return what two clerks decide."""
    return Matters(
        database=ground.database,
        parked=ParkedMatters(store=ground.store),
        clerks=Clerks(database=ground.database, devices=counter.devices),
        readings=counter.readings,
        cards=CardStanding(verifier=build_card_verifier(ground), clock=ground.clock),
        carrying_out=CarryingOut(
            database=ground.database,
            holders=people.holders,
            directory=people.directory,
            deaths=login.life_events.deaths,
            guardianships=login.life_events.guardianships,
            links=login.links.counter,
            clock=ground.clock,
        ),
        keyring=ground.keyring,
        clock=ground.clock,
    )
