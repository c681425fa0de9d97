"""One visit at a counter, fought for by many at once, on two processes."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.persons.models import Person, Proofing
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS, Call
from tests.support.counter import HERE, Hall, code_on, open_hall, show_code
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of, new_number
from tests.support.proofing import asked_for, in_register
from tests.support.relying_party import FormBrowser, RelyingParty
from tests.support.sent import code_of

Register = Callable[..., TestPerson]


@pytest.fixture
def citizen_person(house: House, register_person: Register) -> TestPerson:
    made = register_person(number=new_number())
    in_register(house, made, household=HERE)
    return made


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register) -> Hall:
    return open_hall(house, app, clock, register_person)


@pytest.fixture
def citizen(app: Flask, party: RelyingParty, citizen_person: TestPerson, hall: Hall) -> FormBrowser:
    browser = asked_for(app, party, citizen_person, 4)
    show_code(browser)
    return browser


def counted(house: House, table: type, *which: sa.ColumnElement[bool]) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table).where(*which)) or 0


def test_one_yes_sent_many_times_proves_once(
    house: House, race: Race, hall: Hall, citizen: FormBrowser, citizen_person: TestPerson
) -> None:
    """One proofing; whoever comes later finds that it is over, and nothing is taken back by it."""
    hall.serve(citizen, hall.browsers[0], card_of(citizen_person.number))
    answers = race(page_call(citizen, {}, f"{citizen.path}/accept"))
    assert all(answer.status in (303, 400) for answer in answers), answers
    own = Proofing.person_id == citizen_person.id
    assert counted(house, Proofing, own) == counted(house, Proofing, own, Proofing.revoked_at.is_(None)) == 1


def test_a_code_that_two_clerks_type_at_once_is_one_clerks(
    house: House, race: Race, hall: Hall, citizen: FormBrowser
) -> None:
    """The other is told that the visit has gone on."""
    other = hall.add_clerk()
    assert hall.reader.device is not None
    form = {"reader": hall.reader.device.id, "code": code_on(citizen)}
    calls: list[Call] = []
    for clerk in (hall.browsers[0], other):
        clerk.open("/counter")
        calls.append(page_call(clerk, form, "/counter"))
    answers = race(calls * (RACERS // 2))
    assert {answer.status for answer in answers} <= {303, 422}, answers
    assert any(answer.status == 303 for answer in answers)
    admitted = AuditEvent.event == "counter.admitted"
    assert counted(house, AuditEvent, admitted) == 1


def test_a_newcomer_who_registers_many_times_at_once_is_proved_once(
    house: House, app: Flask, race: Race, hall: Hall
) -> None:
    """What the clerk signed is given out once; there is one account, and it has it."""
    number, mobile = new_number(), "+8613700137009"
    in_register(house, TestPerson("", "郑小秋", number, mobile, ""), household=HERE)
    clerk = hall.browsers[0]
    assert hall.reader.device is not None
    clerk.open("/counter")
    clerk.submit({"reader": hall.reader.device.id}, "/counter/newcomers")
    hall.read(clerk, card_of(number, "郑小秋"))
    hall.sign(clerk, mobile=mobile)
    browser = FormBrowser(app)
    browser.open("/register")
    browser.submit({"name": "郑小秋", "number": number, "mobile": mobile, "password": "ten-herons-17", "terms": "y"})
    race(page_call(browser, {"code": code_of(house, "registration_code", mobile)}))
    assert counted(house, Proofing, Proofing.method == "counter") == 1
    assert counted(house, Person) == 2  # the clerk is the other one
