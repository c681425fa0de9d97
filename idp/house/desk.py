"""The clerk's side of the counter."""

from idp.house.counter import Counter
from idp.house.ground import Ground
from idp.house.login import Login
from idp.house.people import People
from idp.house.realname import build_card_verifier
from idp.house.register import PopulationRegister
from idp.login.counter.card_standing import CardStanding
from idp.login.counter.desk import Desk
from idp.login.counter.scrutiny import Scrutiny


def build_desk(ground: Ground, people: People, login: Login, counter: Counter, register: PopulationRegister) -> Desk:
    """Return what clerks do; who lives with whom is known only where the register is our own."""
    is_own = ground.settings.realname.provider == "register"
    return Desk(
        database=ground.database,
        visits=login.proofing.visits,
        devices=counter.devices,
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
