"""Mandates of guardians: they count from their grant to their day, and while both can."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from idp.persons import mandates
from idp.persons.models import Mandate, Person
from idp.persons.vocabulary import MandateScope, PersonStatus
from idp.storage.engine import Database

from .conftest import StandingClock

DAY = timedelta(days=1)


def give(database: Database, clock: StandingClock, guardian: str, minor: str, *, days: int = 10) -> bool:
    now = clock.now()
    with database.transaction() as session:
        return mandates.grant(
            session,
            guardian,
            minor,
            MandateScope.ACCOUNT,
            evidence_digest="d" * 43,
            at=now,
            valid_to=now + days * DAY,
        )


def may(database: Database, clock: StandingClock, guardian: str, minor: str) -> bool:
    with database.read() as session:
        return mandates.may_act(session, guardian, minor, MandateScope.ACCOUNT, at=clock.now())


def test_a_mandate_counts_until_its_day_and_in_its_scope_alone(
    database: Database, clock: StandingClock, register: Callable[..., str]
) -> None:
    """It ends by itself, at the very instant: no job has to end it."""
    guardian, minor = register(), register()
    assert not may(database, clock, guardian, minor)
    assert give(database, clock, guardian, minor)
    assert may(database, clock, guardian, minor)
    assert not may(database, clock, minor, guardian)
    with database.read() as session:
        assert not mandates.may_act(session, guardian, minor, MandateScope.GUARDIAN, at=clock.now())
    clock.advance(10 * 86_400 - 1)
    assert may(database, clock, guardian, minor)
    clock.advance(1)
    assert not may(database, clock, guardian, minor)
    assert give(database, clock, guardian, minor)


def test_the_same_mandate_is_given_once(database: Database, clock: StandingClock, register: Callable[..., str]) -> None:
    """Asking again adds no row; another guardian's is another."""
    guardian, other, minor = register(), register(), register()
    assert give(database, clock, guardian, minor)
    assert not give(database, clock, guardian, minor)
    assert give(database, clock, other, minor)
    with database.read() as session:
        assert {each.guardian_id for each in mandates.of_minor(session, minor, at=clock.now())} == {guardian, other}
        assert [each.minor_id for each in mandates.of_guardian(session, guardian, at=clock.now())] == [minor]


def test_a_revoked_one_counts_no_more(database: Database, clock: StandingClock, register: Callable[..., str]) -> None:
    """And the other guardian's stays."""
    guardian, other, minor = register(), register(), register()
    give(database, clock, guardian, minor)
    give(database, clock, other, minor)
    with database.transaction() as session:
        assert mandates.revoke(session, guardian, minor, at=clock.now()) == 1
        assert mandates.revoke(session, guardian, minor, at=clock.now()) == 0
    assert not may(database, clock, guardian, minor)
    assert may(database, clock, other, minor)


def test_it_rests_while_either_is_suspended(
    database: Database, clock: StandingClock, register: Callable[..., str]
) -> None:
    """A death that is reported ends nothing for ever: taken back, the mandate counts again."""
    guardian, minor = register(), register()
    give(database, clock, guardian, minor)
    for person in (guardian, minor):
        for status, counts in ((PersonStatus.SUSPENDED, False), (PersonStatus.ACTIVE, True)):
            with database.transaction() as session:
                session.execute(sa.update(Person).where(Person.id == person).values(status=status))
            assert may(database, clock, guardian, minor) is counts


def test_it_can_be_handed_over_to_who_is_the_same_minor(
    database: Database, clock: StandingClock, register: Callable[..., str]
) -> None:
    """What was revoked before stays as it was."""
    guardian, other, former, minor = (register() for _ in range(4))
    give(database, clock, guardian, former)
    give(database, clock, other, former)
    with database.transaction() as session:
        mandates.revoke(session, other, former, at=clock.now())
        assert mandates.hand_over(session, former, minor, at=clock.now()) == 1
    assert may(database, clock, guardian, minor)
    assert not may(database, clock, guardian, former)
    with database.read() as session:
        assert session.scalar(sa.select(Mandate.party_id).where(Mandate.person_id == other)) == former


def test_only_the_account_opens_anything_towards_others(
    database: Database, clock: StandingClock, register: Callable[..., str]
) -> None:
    """What is left of a guardianship from 14 to 18 makes nobody a ward; the column says what the list says."""
    guardian, other, minor, youth = (register() for _ in range(4))
    give(database, clock, guardian, minor)
    now = clock.now()
    with database.transaction() as session:
        until = {"evidence_digest": "d" * 43, "at": now, "valid_to": now + 20 * DAY}
        for each in (minor, youth):
            mandates.grant(session, guardian, each, MandateScope.GUARDIAN, **until)

    def wards(person: str) -> set[str]:
        with database.read() as session:
            listed = {each.minor_id for each in mandates.wards_of(session, person, at=clock.now())}
            told = {
                each
                for each in (guardian, other, minor, youth)
                if session.scalar(sa.select(mandates.acts_column(person, each, clock.now())))
            }
        assert listed == told
        return listed

    assert (wards(guardian), wards(other), wards(minor)) == ({minor}, set(), set())
    clock.advance(10 * 86_400)
    assert wards(guardian) == set()
