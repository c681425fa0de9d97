"""At a counter, where the register is our own: a card that it knows as replaced takes two clerks."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from idp.house.build import House
from realname.proofing.models import CounterRecord
from tests.support.cards import CITIZEN
from tests.support.counter import HERE, Hall, agree, code_on
from tests.support.houses import TestPerson
from tests.support.proofing import in_register
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited

Register = Callable[..., TestPerson]
CARD = CITIZEN.but(valid_until="20300101")
ON_CARD = {"valid_from": date(2020, 1, 1), "valid_until": date(2030, 1, 1)}
DENIED = "不是现行有效证件"


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


def said_of(house: House, person: TestPerson) -> list[tuple[str, str]]:
    """Return what the authority said of the person's cards, as the audit has it of each signature."""
    rows = [(row.details or {})["authority"] for row in audited(house, "counter.compared", person.id)]
    return [(said["outcome"], said["code"]) for said in rows]


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (ON_CARD, ("match", "register.match")),
        ({"valid_until": date(2030, 1, 1)}, ("match", "register.match")),
        ({}, ("no_record", "register.no_card")),
    ],
    ids=["the card's", "an end alone", "none"],
)
def test_a_card_that_nobody_denies_takes_one_clerk(
    house: House,
    person: TestPerson,
    hall: Hall,
    citizen: FormBrowser,
    dates: dict[str, Any],
    said: tuple[str, str],
) -> None:
    """The register knows it, or knows of no dates; what it said stands in the audit, and nothing of the person."""
    in_register(house, person, household=HERE, **dates)
    hall.serve(citizen, hall.browsers[0], CARD)
    agree(citizen)
    assert said_of(house, person) == [said]
    (row,) = audited(house, "counter.compared", person.id)
    assert (row.details or {})["doubts"] == []
    assert person.number not in str(row.details) and person.name not in str(row.details)


@pytest.mark.parametrize(
    "dates",
    [ON_CARD | {"valid_until": date(2046, 3, 1)}, {"valid_until": date(2026, 5, 1)}, {"valid_from": date(2026, 2, 1)}],
    ids=["a later end", "an earlier end", "a later beginning"],
)
def test_a_card_that_was_replaced_takes_two(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser, dates: dict[str, Any]
) -> None:
    """The first signature brings it up and is none; with words it waits for the second clerk, who reads the doubt."""
    in_register(house, person, household=HERE, **dates)
    first, second = hall.browsers[0], hall.add_clerk()
    hall.admit(first, code_on(citizen))
    hall.read(first, CARD)
    visit, code = first.path, code_on(citizen)
    assert doubt_on(first) is False
    hall.sign(first)
    assert first.response is not None and first.response.status_code == 422
    assert doubt_on(first)
    first.open(visit)
    assert doubt_on(first)
    hall.sign(first, note="新证已看")
    screen = citizen.path
    citizen.open(screen)
    agree(citizen)  # too early
    hall.admit(second, code)
    assert doubt_on(second)
    second.submit({"is_same": "y"}, f"{second.path}/second")
    citizen.open(screen)
    agree(citizen)
    with house.ground.database.read() as session:
        record = session.scalars(sa.select(CounterRecord)).one()
    assert (record.doubts, record.second_person) == (["card_replaced"], hall.clerks[1].id)
    assert said_of(house, person) == [("mismatch", "register.other_card")]


def test_another_card_is_asked_about_anew(house: House, person: TestPerson, hall: Hall, citizen: FormBrowser) -> None:
    """Who brought the old card by mistake and lays the newer one down needs one clerk."""
    in_register(house, person, household=HERE, valid_from=date(2026, 2, 1), valid_until=date(2046, 2, 1))
    clerk = hall.browsers[0]
    hall.admit(clerk, code_on(citizen))
    hall.read(clerk, CARD)
    visit = clerk.path
    hall.sign(clerk)
    assert doubt_on(clerk)
    clerk.open(visit)
    hall.read(clerk, CITIZEN.but(valid_from="20260201", valid_until="20460201"))
    assert not doubt_on(clerk)
    hall.sign(clerk)
    citizen.open(citizen.path)
    agree(citizen)
    assert said_of(house, person) == [("match", "register.match")]


def doubt_on(browser: FormBrowser) -> bool:
    """Tell whether a clerk's page says that the card may have been replaced."""
    return DENIED in browser.text
