"""Building the whole house from the settings."""

from dataclasses import dataclass

from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.house.api import Api, build_api, refuse_self_approval
from idp.house.console import Console, build_console
from idp.house.counter import Counter, build_counter
from idp.house.desk import build_cases, build_desk, build_matters, build_open_work
from idp.house.ground import Ground, build_ground
from idp.house.login import Login, build_login
from idp.house.people import People, build_people
from idp.house.protocol import Protocol, build_protocol
from idp.house.register import PopulationRegister, build_register
from idp.login.counter.cases import Cases
from idp.login.counter.desk import Desk
from idp.login.counter.matters import Matters
from idp.login.counter.open_work import OpenWork


@dataclass(frozen=True, slots=True)
class House:
    """All collaborators by floor; handed to the web, the worker and the command line."""

    ground: Ground
    people: People
    register: PopulationRegister
    protocol: Protocol
    login: Login
    counter: Counter
    desk: Desk
    matters: Matters
    cases: Cases
    open_work: OpenWork
    console: Console
    api: Api

    @property
    def settings(self) -> Settings:
        """The settings that the house was built from; read by the edges only."""
        return self.ground.settings

    def close(self) -> None:
        """Give connections back."""
        self.ground.statements.close()
        self.ground.database.close()
        self.ground.store.close()


def build_house(settings: Settings, *, clock: Clock | None = None) -> House:
    """Return the house; raises ConfigError or StoreUnavailable."""
    refuse_self_approval(settings)
    ground = build_ground(settings, clock or Clock())
    people = build_people(ground)
    protocol = build_protocol(ground, people)
    login = build_login(ground, people, protocol)
    counter, register = build_counter(ground), build_register(ground)
    return House(
        ground=ground,
        people=people,
        register=register,
        protocol=protocol,
        login=login,
        counter=counter,
        desk=build_desk(ground, people, login, counter, register),
        matters=build_matters(ground, people, login, counter),
        cases=build_cases(ground, people, login, counter),
        open_work=build_open_work(ground, people, counter),
        console=build_console(ground),
        api=build_api(ground, people, protocol, counter, verifier=login.proofing.verifier),
    )
