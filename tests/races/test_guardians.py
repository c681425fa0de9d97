"""Guardians who add one child in the same instant, on two processes."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.persons.models import Proofing
from realname.proofing.method import Method
from realname.proofing.models import IdentityCase
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS
from tests.support.account_centre import logged_in
from tests.support.guardians import ALL, child_of, counts, guardian, say_child, scopes
from tests.support.houses import TestPerson


def test_guardians_who_come_at_once_act_for_one_child(
    house: House, app: Flask, race: Race, register_person: Callable[..., TestPerson]
) -> None:
    """One person is made and proved once, nothing is disputed, and each of them has both mandates."""
    parents = [guardian(house, register_person, place) for place in range(RACERS)]
    child = child_of(house, 1)
    say_child(house, child, parents)
    calls = []
    for parent in parents:
        browser = logged_in(app, parent)
        browser.open("/account/family")
        calls.append(page_call(browser, {"name": child.name, "number": child.number}))
    before = counts(house)
    answers = race(calls)
    assert {answer.status for answer in answers} == {303}, answers
    persons, held = counts(house)
    assert (persons - before[0], held - before[1]) == (1, 2 * RACERS)
    assert all(scopes(house, parent, child) == ALL for parent in parents)
    with house.ground.database.read() as session:
        by_guardian = sa.select(sa.func.count()).where(Proofing.method == Method.GUARDIAN)
        assert session.scalar(by_guardian) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(IdentityCase)) == 0


def test_one_guardian_who_sends_the_form_often_is_one(
    house: House, app: Flask, race: Race, register_person: Callable[..., TestPerson]
) -> None:
    """No second person, no second mandate; tries beyond those allowed are refused, and none breaks."""
    parent, child = guardian(house, register_person, 1), child_of(house, 1)
    say_child(house, child, [parent])
    browser = logged_in(app, parent)
    browser.open("/account/family")
    before = counts(house)
    answers = race(page_call(browser, {"name": child.name, "number": child.number}))
    assert {answer.status for answer in answers} <= {303, 422}, answers
    persons, held = counts(house)
    assert (persons - before[0], held - before[1]) == (1, 2)
    assert scopes(house, parent, child) == ALL
