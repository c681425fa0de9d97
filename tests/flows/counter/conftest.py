"""A person, a hall and the code on the person's screen, for the tests of the counter."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.counter import HERE, Hall, open_hall, show_code
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofing import asked_for, in_register
from tests.support.relying_party import FormBrowser, RelyingParty, make_client

Register = Callable[..., TestPerson]


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    made = register_person()
    in_register(house, made, household=HERE)
    return made


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register, person: TestPerson) -> Hall:
    return open_hall(house, app, clock, register_person)


@pytest.fixture
def citizen(app: Flask, party: RelyingParty, person: TestPerson, hall: Hall) -> FormBrowser:
    """The person's browser, with the code for the clerk; a client asks for level 4."""
    browser = asked_for(app, party, person, 4)
    show_code(browser)
    return browser
