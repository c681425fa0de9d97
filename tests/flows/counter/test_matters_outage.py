"""A matter whose decision could not be carried out, because the register did not answer: it can be decided again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from tests.support.counter import Hall, open_hall
from tests.support.deaths import make_person, status_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.matters import begin, confirm, look, named, outcome_on, speak_english


@contextmanager
def register_away(house: House) -> Iterator[None]:
    """Let nobody read the register: PostgreSQL holds the table until the statement's time is over, SQLite lacks it."""
    engine = house.ground.database.engine
    if not house.ground.database.is_sqlite:
        with engine.connect() as connection, connection.begin():
            connection.execute(sa.text("LOCK TABLE register_indexes IN ACCESS EXCLUSIVE MODE"))
            yield
        return
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE register_indexes RENAME TO register_away"))
    yield
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE register_away RENAME TO register_indexes"))


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Callable[..., TestPerson]) -> Hall:
    made = open_hall(house, app, clock, register_person)
    made.add_clerk(household="household of the second clerk")
    speak_english(*made.browsers)
    return made


def decided(house: House) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(AuditEvent.event == "matter.decided")) or 0


def test_a_matter_goes_back_to_proposed_when_the_register_cannot_be_asked(
    house: House, hall: Hall, register_person: Callable[..., TestPerson]
) -> None:
    """Silence is no word about a household: the second clerk is told to come again, and then it is carried out once."""
    person, (first, second) = make_person(house, register_person, 1), hall.browsers
    begin(hall, first, "death", **named(person))
    page = first.path
    look(hall, first, second)
    with register_away(house):
        confirm(second)
        assert second.response is not None and second.response.status_code == 503
    assert (decided(house), status_of(house, person)) == (0, "active")
    first.open(page)
    assert outcome_on(first) == "" and "Ask a colleague" in first.text
    second.open(page)
    confirm(second)
    assert outcome_on(second).startswith("The account is suspended")
    assert (decided(house), status_of(house, person)) == (1, "suspended")
