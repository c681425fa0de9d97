"""Failed tries are counted before the secret is looked at."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from idp.persons.models import LoginTries
from idp.persons.tries import (
    MAX_CONSECUTIVE,
    OTHER_DEVICE,
    Blocked,
    Tries,
    TryAllowed,
    device_key_of,
    forget_idle,
    subject_of_person,
    subject_of_unknown,
)

from .conftest import counted_statements, race

KNOWN = device_key_of("device-1")


@pytest.fixture
def tries():
    return Tries(tries_before_lock=5, lock_seconds=900)


@pytest.fixture
def reserve(database, tries, clock):
    """Reserve a try in a transaction of its own."""

    def call(subject="s", device=OTHER_DEVICE):
        with database.transaction() as session:
            return tries.reserve(session, subject, device, at=clock.now())

    return call


def test_five_tries_then_a_block(reserve, clock):
    """Five failures are allowed, the sixth is refused until the block ends, and then one may try again."""
    assert [reserve() for _ in range(5)] == [TryAllowed(count) for count in range(1, 6)]
    until = clock.now() + timedelta(seconds=900)
    assert reserve() == Blocked(until)
    clock.advance(899)
    assert reserve() == Blocked(until)
    clock.advance(1)
    assert reserve() == TryAllowed(6)


def test_each_block_is_twice_as_long(reserve, clock):
    """Blocks double up to a day and stay there (security, growing delay)."""
    lengths = []
    for _ in range(9):
        for _ in range(5):
            assert isinstance(reserve(), TryAllowed)
        blocked = reserve()
        lengths.append((blocked.until - clock.now()).total_seconds())
        clock.instant = blocked.until
    assert lengths == [900, 1800, 3600, 7200, 14400, 28800, 57600, 86400, 86400]


def test_a_success_clears_its_own_counter_alone(database, reserve, tries):
    """After a success the device starts anew; what strangers failed elsewhere is not forgotten."""
    for _ in range(5):
        reserve()
        reserve(device=KNOWN)
    with database.transaction() as session:
        tries.clear(session, "s", KNOWN)
    assert reserve(device=KNOWN) == TryAllowed(1)
    assert isinstance(reserve(), Blocked)


def test_a_stranger_blocks_unknown_devices_only(reserve):
    """Whoever exhausts the tries from outside shuts out other devices, not a known one (ASVS 6.1.1)."""
    for _ in range(8):
        reserve()
    assert isinstance(reserve(), Blocked)
    assert reserve(device=KNOWN) == TryAllowed(1)


def test_subjects_do_not_share(reserve):
    """One subject's block says nothing about another."""
    for _ in range(6):
        reserve()
    assert reserve(subject="t") == TryAllowed(1)


def _fail_until_the_limit(reserve, clock):
    for _ in range(MAX_CONSECUTIVE // 5):
        for _ in range(5):
            assert isinstance(reserve(), TryAllowed)
        clock.advance(86_400)


def test_a_hundred_failures_close_for_good(database, reserve, tries, clock):
    """After 100 consecutive failures others stay out at any pace, until a known device succeeds."""
    _fail_until_the_limit(reserve, clock)
    assert reserve() == Blocked(None)
    clock.advance(86_400 * 365)
    assert reserve() == Blocked(None)
    assert reserve(device=KNOWN) == TryAllowed(1)
    with database.transaction() as session:
        tries.clear(session, "s", KNOWN)
    assert isinstance(reserve(), TryAllowed)


def test_a_recovery_opens_what_a_hundred_failures_closed(database, reserve, tries, clock):
    """A recovery forgets every failure of the subject."""
    _fail_until_the_limit(reserve, clock)
    with database.transaction() as session:
        tries.clear_all(session, "s")
    assert reserve() == TryAllowed(1)


def test_failures_of_known_devices_count_for_others(reserve, clock):
    """The hundred is over all devices together: what known devices failed is part of it."""
    for _ in range(20):
        for _ in range(5):
            assert isinstance(reserve(device=KNOWN), TryAllowed)
        clock.advance(86_400)
    assert reserve() == Blocked(None)
    assert reserve(device=KNOWN) == Blocked(None)
    assert reserve(device=device_key_of("device-2")) == TryAllowed(1)


def test_exactly_five_pass_in_a_race(reserve):
    """However many try at the same moment, five pass and the counter stands at five."""
    results = race(12, lambda _: reserve())
    allowed = sorted(result.failures for result in results if isinstance(result, TryAllowed))
    assert allowed == [1, 2, 3, 4, 5]


def test_a_blocked_try_is_not_counted(database, reserve):
    """Hammering against a block does not lengthen it."""
    for _ in range(30):
        reserve()
    with database.read() as session:
        rows = session.execute(sa.select(LoginTries.device, LoginTries.failures)).all()
    assert dict(map(tuple, rows)) == {"other": 5, "*": 5}


def test_unknown_and_known_cost_the_same(database, keyring, tries, clock):
    """A person and an identifier of nobody cost the same statements, whose keys tell neither."""
    counts = []
    for subject in (subject_of_person(keyring, "p" * 22), subject_of_unknown(keyring, "+8619900000001")):
        assert len(subject) == 43
        with database.transaction() as session, counted_statements(database) as statements:
            tries.reserve(session, subject, OTHER_DEVICE, at=clock.now())
        counts.append(len(statements))
    assert counts == [2, 2]


def test_a_lock_after_one_try(database, clock):
    """Where one failure is to block, the second try is refused."""
    tries = Tries(tries_before_lock=1, lock_seconds=60)
    with database.transaction() as session:
        assert tries.reserve(session, "s", OTHER_DEVICE, at=clock.now()) == TryAllowed(1)
        until = clock.now() + timedelta(seconds=60)
        assert tries.reserve(session, "s", OTHER_DEVICE, at=clock.now()) == Blocked(until)


def test_idle_rows_are_forgotten_but_not_closed_ones(database, reserve, clock):
    """A sweep removes old counters and keeps those that only a recovery may open."""
    _fail_until_the_limit(reserve, clock)
    reserve(subject="t")
    clock.advance(86_400 * 400)
    reserve(subject="u")
    with database.transaction() as session:
        assert forget_idle(session, before=clock.now() - timedelta(days=365)) == 2
    assert reserve() == Blocked(None)
    assert reserve(subject="u") == TryAllowed(2)
    assert reserve(subject="t") == TryAllowed(1)
