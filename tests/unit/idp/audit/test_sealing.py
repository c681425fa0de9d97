"""What the sealer takes and when, and how its heads leave the database; both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from idp.audit.canonical import ROW
from idp.audit.heads import DamagedLine, HeadsFile
from idp.audit.months import MonthNotDroppable, create_months_ahead, drop_month
from idp.audit.restart import NothingToResume, resume
from idp.audit.seal import Seal
from idp.audit.verification import Problem
from idp.house.audit import load_audit_key
from idp.storage import partitions
from tests.unit.idp.audit.conftest import AuditLog


def test_batches_are_chained_and_published(log: AuditLog) -> None:
    """Each batch names the root before it, and each seal is one line of the heads file."""
    log.write(6)
    log.seal()
    first, second = (line for line in log.heads.lines() if isinstance(line, Seal))
    assert (first.position, first.event_count, first.previous_root) == (1, 4, "")
    assert (second.position, second.event_count, second.previous_root) == (2, 2, first.root)
    assert log.heads.last_seal() == second
    assert log.sealer().run() == 0


@pytest.mark.parametrize("house", ["production"], indirect=True)
def test_rows_of_an_older_open_transaction_are_waited_for(log: AuditLog) -> None:
    """On PostgreSQL no row is sealed while a transaction that began before it may still bring another."""
    database = log.house.ground.database
    with database.engine.connect() as older:
        older.execute(sa.text("SELECT pg_current_xact_id()"))
        log.write(3)
        assert log.sealer().run() == 0
        older.rollback()
    log.seal()
    assert log.verify().rows == 3


def test_a_batch_ends_with_its_month(log: AuditLog) -> None:
    """Rows of two months come under two seals, so that a month can be dropped as a whole."""
    log.clock.instant = datetime(2026, 3, 31, 23, 59, 58, tzinfo=UTC)
    log.write(3)
    log.seal()
    assert [line.month for line in log.heads.lines() if isinstance(line, Seal)] == ["2026-03", "2026-04"]
    assert log.problems() == set()


def test_a_head_that_a_crash_kept_back_is_published_next(sealed: AuditLog) -> None:
    """The file is brought up to the table, a line cut short notwithstanding."""
    whole = sealed.heads.path.read_bytes()
    sealed.heads.path.write_bytes(whole[:-20])
    sealed.sealer().run()
    lines = list(sealed.heads.lines())
    assert [type(line) for line in lines] == [Seal, Seal, DamagedLine, Seal]
    assert sealed.problems() == set()


def test_a_second_host_gets_the_whole_file(sealed: AuditLog, tmp_path: Path) -> None:
    """Wherever a sealer runs, its heads file holds every seal."""
    elsewhere = HeadsFile(tmp_path / "other" / "heads.log")
    sealer = sealed.sealer()
    sealer._heads = elsewhere
    sealer.run()
    assert list(elsewhere.lines()) == list(sealed.heads.lines())


def test_a_restore_is_resumed_on_record(sealed: AuditLog) -> None:
    """After a restore that lost seals, an operator lets sealing go on; the loss stays to be seen."""
    with pytest.raises(NothingToResume):
        _resume(sealed)
    sealed.tamper("DELETE FROM audit_events WHERE seal_position = 3")
    sealed.tamper("DELETE FROM audit_seals WHERE position = 3")
    assert _resume(sealed) == 1
    sealed.write(2)
    sealed.seal()
    report = sealed.verify()
    assert (report.findings, report.restarts, report.seals) == (0, 1, 3)


def test_a_month_is_dropped_on_record(sealed: AuditLog) -> None:
    """A month whose time is over can be dropped: its seals stay, and verification says what it cannot check."""
    sealed.clock.advance(days=32)
    sealed.write(5)
    sealed.seal()
    month = "2026-03"
    with pytest.raises(MonthNotDroppable):
        _drop(sealed, month)
    sealed.clock.advance(days=37 * 31)
    assert _drop(sealed, month) == 12
    sealed.seal()
    report = sealed.verify()
    assert (report.findings, report.dropped_batches, report.dropped_rows) == (0, 3, 12)
    # The next month has no such note, so its rows may not vanish.
    sealed.tamper("DELETE FROM audit_events WHERE seal_position = 4")
    assert sealed.problems() == {Problem.ROWS_MISSING}


def test_a_month_that_is_not_wholly_sealed_is_kept(log: AuditLog) -> None:
    """Rows that no seal covers yet are never dropped."""
    log.write(1)
    log.clock.advance(days=37 * 31)
    with pytest.raises(MonthNotDroppable):
        _drop(log, "2026-03")
    with pytest.raises(MonthNotDroppable):
        _drop(log, "2026-3")


def test_months_get_their_partitions_ahead(log: AuditLog) -> None:
    """PostgreSQL: rows of the months to come lie in partitions, which go with their month."""
    database = log.house.ground.database
    created = create_months_ahead(database, at=log.clock.now())
    if database.is_sqlite:
        assert created == 0
        return
    assert created == 3 and create_months_ahead(database, at=log.clock.now()) == 0
    log.write(2)
    log.seal()
    assert log.scalar("SELECT count(*) FROM audit_events_2026_03") == 2
    log.clock.advance(days=40 * 31)
    assert _drop(log, "2026-03") == 2
    with database.read() as session:
        assert partitions.existing(session, "audit_events") == ["audit_events_2026_04", "audit_events_2026_05"]
    assert log.problems() == set()


@pytest.mark.parametrize("house", ["production"], indirect=True)
def test_a_month_that_began_without_partition_stays_where_it_is(log: AuditLog) -> None:
    """Rows in the default partition keep it from being split: the rest of the months is made all the same."""
    database = log.house.ground.database
    log.write(1)
    assert create_months_ahead(database, at=log.clock.now()) == 2


def test_an_old_unsealed_row_is_taken_whatever_its_transaction_id(log: AuditLog) -> None:
    """Rows of long ago are sealed even where transaction ids could have wrapped around since."""
    log.write(1, at=log.clock.now() - timedelta(days=400))
    log.seal()
    with log.house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(ROW.c.seal_position.is_(None))) == 0


def _drop(log: AuditLog, month: str) -> int:
    return drop_month(
        log.house.ground.database,
        month,
        keep_months=log.house.settings.audit.keep_months,
        key=load_audit_key(log.house.settings),
        heads=log.heads,
        clock=log.clock,
    )


def _resume(log: AuditLog) -> int:
    return resume(
        log.house.ground.database,
        reason="restore of the nightly backup",
        key=load_audit_key(log.house.settings),
        heads=log.heads,
        clock=log.clock,
    )
