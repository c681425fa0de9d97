"""Second clerks who confirm one matter in the same instant, on two processes."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from realname.proofing.models import DeathReport
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS
from tests.support.counter import open_hall
from tests.support.deaths import make_person, status_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.matters import SURE, begin, look, named


def count(house: House, event: str) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(AuditEvent.event == event)) or 0


def test_of_two_second_clerks_one_decides(
    house: House, app: Flask, race: Race, clock: FrozenClock, register_person: Callable[..., TestPerson]
) -> None:
    """One decision, one report, one row of each; the others find the matter decided."""
    person = make_person(house, register_person, 1)
    hall = open_hall(house, app, clock, register_person)
    seconds = [hall.add_clerk(household=f"household {place}") for place in range(2)]
    first = hall.browsers[0]
    begin(hall, first, "death", **named(person))
    page = first.path
    for second in seconds:
        first.open(page)
        look(hall, first, second)
    calls = [page_call(seconds[place % 4 // 2], SURE, f"{page}/decide") for place in range(RACERS)]
    answers = race(calls)
    onward = [answer for answer in answers if answer.location == page]
    back = [answer for answer in answers if answer.location == "/counter"]
    assert (len(onward), len(back)) == (1, RACERS - 1), answers
    assert status_of(house, person) == "suspended"
    assert (count(house, "matter.decided"), count(house, "death.reported")) == (1, 1)
    with house.ground.database.read() as session:
        report = session.execute(sa.select(DeathReport)).scalar_one()
    assert report.report_proposed_by == hall.clerks[0].id
    assert report.reported_by in {clerk.id for clerk in hall.clerks[1:]}
