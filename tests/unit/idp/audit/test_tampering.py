"""Whatever is done to the log behind the rooms' back, verification finds it; both databases."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.canonical import ROW
from idp.audit.heads import HeadsFile
from idp.audit.models import AuditSeal
from idp.audit.seal_key import create_seal_key, load_seal_key
from idp.audit.sealing import AuditBroken, Sealer
from idp.audit.verification import Problem
from idp.crypto.suites import INTERNATIONAL
from tests.unit.idp.audit.conftest import AuditLog

_COLUMNS = [column.name for column in ROW.columns if not column.name.startswith("seal_")]


def test_an_untouched_log_has_no_finding(sealed: AuditLog) -> None:
    """Rows, seals and heads fit together; the unsealed age is that of the oldest row without a seal."""
    sealed.write(2)
    sealed.clock.advance(seconds=100)
    report = sealed.verify()
    assert (report.findings, report.seals, report.rows) == (0, 3, 12)
    assert (report.unsealed_rows, report.unsealed_age_seconds) == (2, 101)


def test_a_change_of_any_column_is_found(sealed: AuditLog) -> None:
    """Every column of a row is covered by its seal, and putting it back mends it."""
    row_id, neighbour = sealed.ids(2)[1:3]
    with sealed.house.ground.database.read() as session:
        before = session.execute(sa.select(ROW).where(ROW.c.id == row_id)).mappings().one()
        at = session.scalar(sa.select(ROW.c.at).where(ROW.c.id == neighbour))
    for column in _COLUMNS:
        value = {"count": 7, "details": {"number": 99}, "at": at}.get(column, "changed")
        where = ROW.c.id == (value if column == "id" else row_id)
        sealed.tamper(sa.update(ROW).where(ROW.c.id == row_id).values({column: value}))
        assert sealed.problems() == {Problem.ROWS_CHANGED}, column
        assert [finding.position for finding in sealed.findings] == [2]
        sealed.tamper(sa.update(ROW).where(where).values({column: before[column]}))
    assert sealed.problems() == set()


def test_an_emptied_column_is_found(sealed: AuditLog) -> None:
    """A value that was taken away is a change like any other."""
    sealed.tamper(sa.update(ROW).where(ROW.c.id == sealed.ids(1)[0]).values(reason=None))
    assert sealed.problems() == {Problem.ROWS_CHANGED}


def test_a_removed_row_is_found(sealed: AuditLog) -> None:
    """A batch that lacks a row is reported with its place."""
    sealed.tamper("DELETE FROM audit_events WHERE id = :id", id=sealed.ids(3)[0])
    assert sealed.problems() == {Problem.ROWS_MISSING}
    assert sealed.findings[0].position == 3


def test_a_row_moved_out_of_its_time_is_found(sealed: AuditLog) -> None:
    """A row whose time lies outside its batch is missing there, and stray elsewhere."""
    with sealed.house.ground.database.read() as session:
        first = session.scalar(sa.select(sa.func.min(ROW.c.at)))
    sealed.tamper(sa.update(ROW).where(ROW.c.id == sealed.ids(3)[0]).values(at=first))
    assert sealed.problems() == {Problem.ROWS_MISSING, Problem.STRAY_ROWS}


@pytest.mark.parametrize("column", ["seal_leaf", "at"])
def test_exchanged_rows_are_found(sealed: AuditLog, column: str) -> None:
    """Two rows of a batch that exchanged leaf numbers, or times, are reordered rows."""
    one, two = sealed.ids(2)[1:3]
    with sealed.house.ground.database.read() as session:
        values = dict(session.execute(sa.select(ROW.c.id, ROW.c[column]).where(ROW.c.id.in_([one, two]))).all())
    for row_id, value in ((one, values[two]), (two, values[one])):
        sealed.tamper(sa.update(ROW).where(ROW.c.id == row_id).values({column: value}))
    assert sealed.problems() == {Problem.ROWS_CHANGED}


def test_a_row_taken_out_of_its_batch_is_found(sealed: AuditLog) -> None:
    """A row that is made to look unsealed is missing from its batch, and too old to be new."""
    sealed.tamper("UPDATE audit_events SET seal_position = NULL, seal_leaf = NULL WHERE id = :id", id=sealed.ids(1)[0])
    assert Problem.ROWS_MISSING in sealed.problems()


def test_a_row_put_into_a_batch_is_found(sealed: AuditLog) -> None:
    """A forged row that claims a place in a batch is one row too many."""
    sealed.write(1)
    sealed.tamper(
        "UPDATE audit_events SET seal_position = 2, seal_leaf = 4,"
        " at = (SELECT max(at) FROM audit_events WHERE seal_position = 2) WHERE seal_position IS NULL"
    )
    assert sealed.problems() == {Problem.ROWS_ADDED}


def test_a_row_of_no_batch_is_found(sealed: AuditLog) -> None:
    """A forged row that claims a batch which is not there is stray."""
    sealed.write(1)
    sealed.tamper("UPDATE audit_events SET seal_position = 9, seal_leaf = 0 WHERE seal_position IS NULL")
    assert sealed.problems() == {Problem.STRAY_ROWS}


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_back_dated_row_is_found(sealed: AuditLog, is_sealed: bool) -> None:
    """A row older than those sealed before it is reported, also once the sealer has taken it in."""
    begin = sealed.clock.now()
    sealed.write(3)
    sealed.clock.advance(seconds=1_000)
    sealed.write(1)
    sealed.seal()
    assert sealed.problems() == set()
    sealed.write(1, at=begin)
    if is_sealed:
        sealed.seal()
    assert sealed.problems() == {Problem.BACK_DATED}


def test_a_late_row_is_no_finding(sealed: AuditLog) -> None:
    """A row that a slow transaction brought a little late is normal work."""
    at = sealed.clock.now()
    sealed.write(4)
    sealed.seal()
    sealed.write(1, at=at)
    sealed.seal()
    assert sealed.problems() == set()


def test_a_cut_tail_is_found(sealed: AuditLog) -> None:
    """Rows and seals that were cut off together are still known to the heads file."""
    sealed.tamper("DELETE FROM audit_events WHERE seal_position = 3")
    sealed.tamper("DELETE FROM audit_seals WHERE position = 3")
    assert sealed.problems() == {Problem.TAIL_CUT}
    with pytest.raises(AuditBroken):
        sealed.sealer().run()  # a new third seal would bury the evidence


def test_a_table_emptied_is_found(sealed: AuditLog) -> None:
    """With everything gone, every published seal is missed."""
    sealed.tamper("DELETE FROM audit_events")
    sealed.tamper("DELETE FROM audit_seals")
    assert sealed.problems() == {Problem.TAIL_CUT}
    assert len(sealed.findings) == 3


def _reseal(log: AuditLog, heads: Path, key_file: Path) -> None:
    log.tamper("UPDATE audit_events SET seal_position = NULL, seal_leaf = NULL, reason = 'forged'")
    log.tamper("DELETE FROM audit_seals")
    key = load_seal_key(key_file, INTERNATIONAL)
    sealer = Sealer(
        database=log.house.ground.database,
        load_key=lambda: key,
        heads=HeadsFile(heads),
        clock=log.clock,
        batch_rows=log.batch_rows,
    )
    log.settle()
    sealer.run()


def test_a_replaced_table_is_found(sealed: AuditLog, tmp_path: Path) -> None:
    """Rows rewritten and sealed anew, even with the right key, are not what was published."""
    _reseal(sealed, tmp_path / "other-heads", sealed.house.settings.seal_key_file)
    assert sealed.problems() == {Problem.HEAD_DIFFERS}
    with pytest.raises(AuditBroken):
        sealed.sealer().run()


def test_a_seal_of_another_key_is_found(sealed: AuditLog, tmp_path: Path) -> None:
    """A table rewritten by someone without the sealer's key shows even without any published head."""
    create_seal_key(tmp_path / "forger.key", INTERNATIONAL)
    _reseal(sealed, tmp_path / "other-heads", tmp_path / "forger.key")
    assert sealed.problems() == {Problem.UNKNOWN_KEY, Problem.HEAD_DIFFERS}
    heads = HeadsFile(tmp_path / "other-heads")
    assert Problem.UNKNOWN_KEY in sealed.problems(heads)
    assert Problem.HEAD_FORGED in sealed.problems(heads)


def test_a_change_of_any_part_of_a_seal_is_found(sealed: AuditLog) -> None:
    """Every column of a seal is signed; one under another number leaves a gap."""
    seals = sa.inspect(AuditSeal).local_table
    with sealed.house.ground.database.read() as session:
        before = session.execute(sa.select(seals).where(seals.c.position == 2)).mappings().one()
    for column in before:
        value: Any = {"position": 20, "event_count": 5}.get(column, "changed")
        value = sealed.clock.now() if column.endswith("_at") else value
        where = seals.c.position == (20 if column == "position" else 2)
        sealed.tamper(sa.update(seals).where(seals.c.position == 2).values({column: value}))
        assert sealed.problems() & {Problem.BAD_SIGNATURE, Problem.UNKNOWN_KEY, Problem.SEAL_MISSING}, column
        sealed.tamper(sa.update(seals).where(where).values({column: before[column]}))
    assert sealed.problems() == set()


def test_a_removed_seal_is_found(sealed: AuditLog) -> None:
    """A gap in the chain is reported, and so are its rows."""
    sealed.tamper("DELETE FROM audit_seals WHERE position = 2")
    assert sealed.problems() == {Problem.SEAL_MISSING, Problem.STRAY_ROWS, Problem.TAIL_CUT}


def test_a_truncated_heads_file_is_found(sealed: AuditLog) -> None:
    """A head that should long be published is missed."""
    lines = sealed.heads.path.read_text().splitlines(keepends=True)
    sealed.heads.path.write_text("".join(lines[:-1]))
    assert sealed.problems() == {Problem.HEAD_MISSING}
    sealed.heads.path.unlink()
    assert sealed.problems() == {Problem.HEAD_MISSING} and len(sealed.findings) == 3


def test_a_forged_head_is_found(sealed: AuditLog) -> None:
    """A line of the heads file that nobody signed counts for nothing and is reported."""
    lines = sealed.heads.path.read_text().splitlines()
    forged = {**json.loads(lines[1]), "root": "A" * 43}
    sealed.heads.path.write_text("\n".join([lines[0], json.dumps(forged), *lines[2:]]) + "\n")
    assert sealed.problems() == {Problem.HEAD_FORGED, Problem.HEAD_MISSING}
