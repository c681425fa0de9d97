"""One number and one answer, fought for by many at once, on two processes."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.persons.models import Identifier, IdentifierIndex, Proofing
from idp.persons.vocabulary import IdentifierState
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofing import asked_for, in_register, type_in
from tests.support.relying_party import RelyingParty
from tests.support.sent import code_of


def _states(house: House) -> list[str]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(Identifier.state).order_by(Identifier.id)))


def test_of_many_who_prove_one_number_at_once_nobody_has_it(
    house: House,
    app: Flask,
    race: Race,
    clock: FrozenClock,
    party: RelyingParty,
    register_person: Callable[..., TestPerson],
) -> None:
    """Equal proofs in the same instant are disputed, whoever comes first: never two current ones, and none raised."""
    people = [register_person() for _ in range(RACERS)]
    in_register(house, people[0], mobiles=tuple(each.mobile for each in people))
    calls = []
    for person in people:
        clock.advance(seconds=1)
        browser = asked_for(app, party, person)
        type_in(browser, person)
        calls.append(page_call(browser, {"code": code_of(house, "proofing_code", person.mobile)}))
    answers = race(calls)
    assert {answer.status for answer in answers} == {303}, answers
    assert IdentifierState.CURRENT not in _states(house)
    with house.ground.database.read() as session:
        current = session.scalar(sa.select(sa.func.count()).where(IdentifierIndex.is_current))
        valid = session.scalar(sa.select(sa.func.count()).where(Proofing.revoked_at.is_(None)))
    assert (current, valid) == (0, 0)


def test_one_form_sent_many_times_asks_once(
    house: House, app: Flask, race: Race, party: RelyingParty, person: TestPerson
) -> None:
    """The same code at once: one proofing, one message, and the others find nothing to go on with."""
    in_register(house, person)
    browser = asked_for(app, party, person)
    type_in(browser, person)
    answers = race(page_call(browser, {"code": code_of(house, "proofing_code", person.mobile)}))
    assert sorted({answer.status for answer in answers})[0] == 303
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Proofing)) == 1
    assert _states(house) == [IdentifierState.CURRENT]
