"""Somebody without an account at a service hall: verified now, they open it themselves with their own phone."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.persons.identity_level import identity_level
from idp.persons.models import Person, Proofing
from tests.support.counter import Hall, open_hall
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of, new_number
from tests.support.proofing import in_register
from tests.support.relying_party import FormBrowser
from tests.support.sent import code_of, sent

Register = Callable[..., TestPerson]
NAME, MOBILE = "郑小秋", "+8613700137001"
THREE_DAYS = 3 * 86_400


@pytest.fixture
def number() -> str:
    return new_number()


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register, number: str) -> Hall:
    in_register(house, TestPerson("", NAME, number, MOBILE, ""), household="household of the newcomer")
    return open_hall(house, app, clock, register_person)


def verify(hall: Hall, number: str, mobile: str = MOBILE) -> FormBrowser:
    """Let the clerk verify somebody who lays that card down and gives that mobile; return the clerk's browser."""
    clerk = hall.browsers[0]
    assert hall.reader.device is not None
    clerk.open("/counter")
    clerk.submit({"reader": hall.reader.device.id}, "/counter/newcomers")
    hall.read(clerk, card_of(number, NAME))
    hall.sign(clerk, mobile=mobile)
    return clerk


def open_account(app: Flask, house: House, number: str, **changed: str) -> None:
    """Open an account on a device of one's own."""
    form = {"name": NAME, "number": number, "mobile": MOBILE, "password": "ten-herons-17", "terms": "y"} | changed
    browser = FormBrowser(app)
    browser.open("/register")
    browser.submit(form)
    browser.submit({"code": code_of(house, "registration_code", form["mobile"])})


def levels(house: House) -> list[int]:
    """Return the identity level of everybody but the clerks."""
    with house.ground.database.read() as session:
        everybody = session.scalars(sa.select(Person.id).order_by(Person.created_at)).all()
        staff = set(session.scalars(sa.select(Proofing.person_id).where(Proofing.provider == "test")))
        now = house.ground.clock.now()
        return [identity_level(session, each, now) for each in everybody if each not in staff]


def test_who_was_seen_opens_the_account_and_is_proved_at_once(
    house: House, app: Flask, hall: Hall, number: str
) -> None:
    """With number, name and the phone that the clerk was told; the clerk set no password and saw no code."""
    clerk = verify(hall, number)
    assert "三日内" in clerk.text and levels(house) == []
    assert len(sent(house, "counter_newcomer", MOBILE)) == 1
    open_account(app, house, number)
    assert levels(house) == [4]
    with house.ground.database.read() as session:
        proofing = session.scalars(sa.select(Proofing).where(Proofing.method == "counter")).one()
    assert proofing.actor_person == hall.clerks[0].id


@pytest.mark.parametrize(
    "changed",
    [{"name": "郑大秋"}, {"mobile": "+8613700137002"}, {"number": "another"}],
    ids=["name", "mobile", "number"],
)
def test_nobody_else_is_proved_by_it(
    house: House, app: Flask, hall: Hall, number: str, changed: dict[str, str]
) -> None:
    """Another name, phone or number opens an account of level 1; who was seen still gets theirs."""
    verify(hall, number)
    changed = {name: new_number() if value == "another" else value for name, value in changed.items()}
    open_account(app, house, changed.pop("number", number), **changed)
    assert levels(house) == [1]


def test_it_waits_three_days_and_counts_once(
    house: House, app: Flask, clock: FrozenClock, hall: Hall, number: str
) -> None:
    """After that the way to the hall is gone again."""
    verify(hall, number)
    clock.advance(seconds=THREE_DAYS)
    open_account(app, house, number)
    assert levels(house) == [1]


def test_a_mobile_is_needed_and_must_be_one(house: House, hall: Hall, number: str) -> None:
    """The clerk is told at the field, and nothing is sent."""
    clerk = verify(hall, number, mobile="12345")
    assert clerk.response is not None and clerk.response.status_code == 422
    assert "手机号" in clerk.text and sent(house, "counter_newcomer") == []


def test_a_clerk_is_no_newcomer_to_themself(house: House, hall: Hall) -> None:
    """Their own card is refused as in any other visit."""
    clerk = verify(hall, hall.clerks[0].number)
    assert clerk.path == "/counter" and sent(house, "counter_newcomer") == []


def test_the_clerk_does_not_learn_of_accounts(
    house: House, app: Flask, hall: Hall, number: str, register_person: Register
) -> None:
    """Whether number or mobile have one: the page is the same, and the phone gets the same message."""
    unknown = verify(hall, number).text_without_token
    register_person(NAME, number, mobile="+8613700137003")
    known = verify(hall, number, "+8613700137003").text_without_token
    assert _bare(known) == _bare(unknown)
    assert len(sent(house, "counter_newcomer", "+8613700137003")) == 1


def _bare(text: str) -> str:
    """Return a page without the ids of its visit."""
    return re.sub(r"/counter/visits/[\w-]+", "", text)
