"""Clerks who close one case, or open matters, in the same instant, on two processes."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from realname.proofing.cases import Finding
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS
from tests.support.cases import contested, file_of
from tests.support.counter import open_hall
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import new_number
from tests.support.matters import WORDS
from tests.support.sent import sent

Register = Callable[..., TestPerson]


def test_of_clerks_who_close_a_case_one_does(
    house: House, app: Flask, race: Race, clock: FrozenClock, register_person: Register
) -> None:
    """One finding stands, one row tells of it, and both persons are told once."""
    number = new_number()
    persons = register_person("赵小明", number), register_person("赵小明", number)
    case = contested(house, *persons)
    hall = open_hall(house, app, clock, register_person)
    clerks = [hall.browsers[0], hall.add_clerk(household="household of the second clerk")]
    page, findings = f"/counter/cases/{case.id}", tuple(Finding)
    for clerk in clerks:
        clerk.open(page)
    calls = [
        page_call(clerks[place % 2], {"finding": findings[place % len(findings)], "is_sure": "y"}, f"{page}/close")
        for place in range(RACERS)
    ]
    answers = race(calls)
    onward = [answer for answer in answers if answer.location == page]
    back = [answer for answer in answers if answer.location == "/counter/open"]
    assert (len(onward), len(back)) == (1, RACERS - 1), answers
    with house.ground.database.read() as session:
        (row,) = session.scalars(sa.select(AuditEvent).where(AuditEvent.event == "case.closed"))
    closed = file_of(house, case.id)
    assert (row.reason, row.actor_person) in {(closed.outcome, clerk.id) for clerk in hall.clerks}
    told = [sent(house, "case_reviewed", persons[0].mobile), sent(house, "case_reviewed_for_holder", persons[1].mobile)]
    assert [len(each) for each in told] == [1, 1]


def test_matters_that_are_opened_at_once_are_all_listed(
    house: House, app: Flask, race: Race, clock: FrozenClock, register_person: Register
) -> None:
    """Several write to one list that nobody has begun yet; none of them is lost."""
    hall = open_hall(house, app, clock, register_person)
    (clerk,) = hall.browsers
    clerk.open("/counter/matters/new/death")
    assert hall.reader.device is not None
    typed = {"reader": hall.reader.device.id, "words": WORDS, "name": "王小红", "number": "11010519491231002X"}
    answers = race(page_call(clerk, typed))
    opened = sorted(str(answer.location).rpartition("/")[2] for answer in answers)
    assert len(set(opened)) == RACERS, answers
    clerk.open("/counter/open")
    assert sorted(re.findall(r'href="/counter/matters/([^"]+)"', clerk.text)) == opened
