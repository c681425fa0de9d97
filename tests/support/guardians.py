"""Guardians and children for tests."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from idp.house.build import House
from idp.persons import mandates
from idp.persons.models import Mandate, Person
from idp.persons.vocabulary import MandateScope
from realname.providers.register.entry import Entry
from tests.support.deaths import make_person
from tests.support.houses import TestPerson
from tests.support.proofing import number_of
from tests.support.relying_party import FormBrowser
from tests.unit.realname.documents.numbers import make_resident_number

#: Six years old on the tests' first day.
BORN = "20200105"
ALL = {MandateScope.ACCOUNT, MandateScope.GUARDIAN}


def guardian(house: House, register_person: Callable[..., TestPerson], place: int) -> TestPerson:
    """Make an adult whose number was proved."""
    return make_person(house, register_person, 500 + place)


def child_of(house: House, place: int, *, birth: str = BORN) -> TestPerson:
    """Return a child who has no person here."""
    return TestPerson("", "王小小", make_resident_number(birth=birth, sequence=f"{place:03d}"), "", "")


def say_child(house: House, child: TestPerson, guardians: Sequence[TestPerson], **facts: Any) -> None:
    """Let the register know the child, and whose it is."""
    numbers = tuple(number_of(house, each.number) for each in guardians)
    entry = Entry(number_of(house, child.number), child.name, guardians=numbers, **facts)
    with house.ground.database.transaction() as session:
        house.register.entries.put(session, [entry])


def child_id_of(house: House, child: TestPerson) -> str | None:
    """Return who has the child's number now."""
    with house.ground.database.read() as session:
        (found,) = house.people.holders.current(session, [number_of(house, child.number)])
    return found


def scopes(house: House, parent: TestPerson, child: TestPerson) -> set[MandateScope]:
    """Return what the parent may do for the child now."""
    child_id = child_id_of(house, child)
    with house.ground.database.read() as session:
        held = mandates.of_guardian(session, parent.id, at=house.ground.clock.now())
    return {each.scope for each in held if each.minor_id == child_id}


def counts(house: House) -> tuple[int, int]:
    """Return how many persons and mandates there are."""
    with house.ground.database.read() as session:
        persons = session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
        return persons, session.scalar(sa.select(sa.func.count()).select_from(Mandate)) or 0


def end_path(browser: FormBrowser) -> str:
    """Return where the page's first child is given up."""
    found = re.search(r'action="(/account/family/[^"]+/end)"', browser.text)
    assert found is not None, browser.path
    return found[1]
