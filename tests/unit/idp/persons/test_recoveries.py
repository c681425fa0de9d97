"""Recoveries that wait."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.persons import recoveries
from idp.persons.recoveries import OpenRecovery, RecoveryKind
from idp.storage.engine import Database

from .conftest import StandingClock, race

HERE, THERE = "h" * 43, "t" * 43
DAY = timedelta(days=1)


def begin(database: Database, clock: StandingClock, person_id: str, device: str = HERE) -> tuple[OpenRecovery, bool]:
    now = clock.now()
    with database.transaction() as session:
        return recoveries.start(
            session,
            person_id,
            RecoveryKind.PASSWORD,
            device,
            at=now,
            opens_at=now + DAY,
            expires_at=now + 8 * DAY,
        )


def finish(database: Database, clock: StandingClock, person_id: str, recovery_id: str) -> bool:
    with database.transaction() as session:
        return recoveries.finish(session, person_id, recovery_id, RecoveryKind.PASSWORD, at=clock.now())


def events(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.scalars(sa.select(AuditEvent.event).order_by(AuditEvent.at)).all()
    return [row for row in rows if row.startswith("recovery.")]


def test_one_that_waits_keeps_its_time(database: Database, clock: StandingClock, register: Callable[..., str]) -> None:
    """Asking again starts nothing new and shortens nothing; another browser waits for itself."""
    person = register()
    first, is_new = begin(database, clock, person)
    clock.advance(3_600)
    again, is_new_again = begin(database, clock, person)
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    other, is_new_there = begin(database, clock, person, THERE)
    assert is_new_there and other.opens_at > first.opens_at
    with database.read() as session:
        assert [each.id for each in recoveries.open_of(session, person, at=clock.now())] == [first.id, other.id]
    assert events(database) == ["recovery.started"] * 2


def test_it_is_used_once_and_only_when_it_is_open(
    database: Database, clock: StandingClock, register: Callable[..., str]
) -> None:
    """Too early, another person's, another kind's and spent ones are refused."""
    person, stranger = register(), register()
    waiting, _ = begin(database, clock, person)
    assert not finish(database, clock, person, waiting.id)
    clock.advance(DAY.total_seconds())
    assert not finish(database, clock, stranger, waiting.id)
    with database.transaction() as session:
        assert not recoveries.finish(session, person, waiting.id, RecoveryKind.TOTP, at=clock.now())
    wins = race(3, lambda _: finish(database, clock, person, waiting.id))
    assert sorted(wins) == [False, False, True]
    assert not finish(database, clock, person, waiting.id)


def test_it_expires(database: Database, clock: StandingClock, register: Callable[..., str]) -> None:
    """After its time it is neither found nor used, and the next one begins anew."""
    person = register()
    waiting, _ = begin(database, clock, person)
    clock.advance((8 * DAY).total_seconds())
    assert not finish(database, clock, person, waiting.id)
    with database.read() as session:
        assert recoveries.find(session, person, RecoveryKind.PASSWORD, HERE, at=clock.now()) is None
    assert begin(database, clock, person)[1]


def test_a_cancelled_one_is_over(database: Database, clock: StandingClock, register: Callable[..., str]) -> None:
    """All of a person's end together with one audit row; nobody else's; with none open nothing is written."""
    person, other = register(), register()
    mine, _ = begin(database, clock, person)
    begin(database, clock, person, THERE)
    theirs, _ = begin(database, clock, other)
    with database.transaction() as session:
        assert recoveries.cancel(session, person, reason="login", at=clock.now()) == 2
        assert recoveries.cancel(session, person, reason="login", at=clock.now()) == 0
    clock.advance(DAY.total_seconds())
    assert not finish(database, clock, person, mine.id)
    assert finish(database, clock, other, theirs.id)
    assert events(database).count("recovery.cancelled") == 1


def test_two_starts_at_once_are_one(database: Database, clock: StandingClock, register: Callable[..., str]) -> None:
    """Of two starts by one browser the second finds the first, so the contacts are told once."""
    person = register()
    results = race(3, lambda _: begin(database, clock, person))
    assert len({each.id for each, _ in results}) == 1
    assert sum(is_new for _, is_new in results) == 1
