"""The clerk's side of the counter: visits, matters that two decide, identity cases, and what waits of both."""

from idp.house.counter import Counter
from idp.house.ground import Ground
from idp.house.login import Login
from idp.house.people import People
from idp.house.realname import build_card_verifier
from idp.house.register import PopulationRegister
from idp.login.counter.card_standing import CardStanding
from idp.login.counter.carrying_out import CarryingOut
from idp.login.counter.cases import Cases
from idp.login.counter.clerks import Clerks
from idp.login.counter.desk import Desk
from idp.login.counter.matter import ParkedMatters
from idp.login.counter.matter_board import MatterBoard
from idp.login.counter.matters import Matters
from idp.login.counter.open_work import OpenWork
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


def build_open_work(ground: Ground, people: People, counter: Counter) -> OpenWork:
    """Return what waits for clerks."""
    return OpenWork(
        database=ground.database,
        clerks=Clerks(database=ground.database, devices=counter.devices),
        parked=ParkedMatters(store=ground.store),
        board=MatterBoard(store=ground.store, clock=ground.clock),
        directory=people.directory,
    )


def build_cases(ground: Ground, people: People, login: Login, counter: Counter) -> Cases:
    """Return what clerks do about identity cases."""
    return Cases(
        database=ground.database,
        clerks=Clerks(database=ground.database, devices=counter.devices),
        reviews=login.life_events.case_reviews,
        directory=people.directory,
        identifiers=people.identifiers,
        clock=ground.clock,
    )


def build_matters(ground: Ground, people: People, login: Login, counter: Counter) -> Matters:
    """Return what two clerks decide."""
    return Matters(
        database=ground.database,
        parked=ParkedMatters(store=ground.store),
        board=MatterBoard(store=ground.store, clock=ground.clock),
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
