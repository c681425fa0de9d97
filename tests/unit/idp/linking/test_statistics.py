"""Counting what there is of each system: when it is due, and what is counted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from idp.core.clock import civil_date
from idp.house.build import House
from idp.linking.models import ImportBatch
from idp.linking.statistics import Statistics, SystemNumbers, history, latest
from idp.linking.vocabulary import BatchState, LinkState
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import add_account, add_system, propose, row_of


@pytest.fixture
def statistics(house: House) -> Statistics:
    return house.console.statistics


def finish_batch(house: House, system: int) -> None:
    now = house.ground.clock.now()
    with house.ground.database.transaction() as session:
        values = {"kind": "full", "state": BatchState.DONE, "rules_version": 1, "counters": {}, "is_paused": False}
        session.execute(sa.insert(ImportBatch).values(system_number=system, created_at=now, finished_at=now, **values))


def test_without_systems_nothing_is_due(statistics: Statistics) -> None:
    """An installation without older systems reads no table of theirs."""
    assert not statistics.is_due()


def test_it_is_due_at_first_after_an_hour_and_after_each_batch(
    house: House, clock: FrozenClock, statistics: Statistics
) -> None:
    """And not in between."""
    system = add_system(house)
    assert statistics.is_due()
    clock.advance(seconds=1)
    statistics.count()
    assert not statistics.is_due()
    clock.advance(seconds=60)
    finish_batch(house, system)
    assert statistics.is_due()
    clock.advance(seconds=1)
    statistics.count()
    assert not statistics.is_due()
    clock.advance(seconds=3600)
    assert statistics.is_due()


def test_each_day_has_one_row_with_its_latest_numbers(
    house: House, clock: FrozenClock, statistics: Statistics, register_person: Callable[..., TestPerson]
) -> None:
    """A second count of the day replaces the first, another day gets its own; an empty system has zeros."""
    system, empty = add_system(house), add_system(house, "tax")
    statistics.count()
    person = register_person()
    account = add_account(house, system, row_of(person))
    add_account(house, system, row_of(person, reference="second"), password=None)
    propose(house, system, account, person)
    statistics.count()
    today = civil_date(clock.now())
    with house.ground.database.read() as session:
        found = latest(session, [system, empty])
        assert len(history(session, system, since=today)) == 1
    assert (found[system].accounts, found[system].with_password, found[system].migrated) == (2, 1, 0)
    assert found[system].links == {LinkState.PROPOSED: 1}
    assert (found[empty].accounts, found[empty].links) == (0, {})
    clock.advance(seconds=86_400)
    statistics.count()
    with house.ground.database.read() as session:
        assert [each.day for each in history(session, system, since=today)] == [today, today + timedelta(days=1)]
        assert history(session, system, since=today + timedelta(days=2)) == ()


@pytest.mark.parametrize(
    ("links", "share"),
    [
        ({}, None),
        ({LinkState.PROPOSED: 9}, None),
        ({LinkState.ACTIVE: 3, LinkState.REJECTED: 1}, 0.25),
        ({LinkState.ACTIVE: 2, LinkState.REVOKED: 1, LinkState.UNDONE: 1}, 0.25),
    ],
)
def test_the_wrong_share_counts_answers_only(clock: FrozenClock, links: dict[str, int], share: float | None) -> None:
    """Proposals that nobody answered say nothing about being wrong."""
    numbers = SystemNumbers(1, civil_date(clock.now()), clock.now(), 0, 0, 0, {}, links, {})
    assert numbers.wrong_share == share
