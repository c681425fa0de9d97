"""An import from its file to its accounts: on both databases, idempotent, and refused where it should be."""

import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
import sqlalchemy as sa

from idp.house.build import House
from idp.linking import batches, leases, staging
from idp.linking.batches import BatchKind, BatchProblem, BatchRefused
from idp.linking.file_chunks import FileChunk, FileChunks
from idp.linking.models import AccountSituation, LegacyAccount, LegacySystem, StagedFault, StagedRow
from idp.linking.preparation import RowProblem
from idp.linking.safeguards import Safeguards, StopReason
from idp.linking.vocabulary import BatchState, Situation
from tests.support.frozen_clock import FrozenClock
from tests.support.legacy_imports import COLUMNS, CREATOR, HEADER, Imports, csv_of, row


@pytest.fixture
def imports(house: House, tmp_path: Path) -> Imports:
    return Imports.of_house(house, tmp_path)


def accounts(imports: Imports) -> list[tuple[int, int, bool]]:
    """Return account, version and whether it is the present one."""
    with imports.database.read() as session:
        columns = (LegacyAccount.account_id, LegacyAccount.version, LegacyAccount.valid_to.is_(None))
        return [tuple(each) for each in session.execute(sa.select(*columns).order_by(*columns[:2]))]


def test_a_file_becomes_accounts(imports: Imports) -> None:
    """Read, dry-run, approved by a second person, applied: each row is an account, and what was staged is gone."""
    number = imports.upload(csv_of(row(at) for at in range(50)))
    imports.job().run()
    reviewed = imports.find(number)
    assert reviewed.state is BatchState.REVIEW
    assert reviewed.counters["changes"] == {"added": 50}
    assert reviewed.counters["situations"] == {str(Situation.UNQUALIFIED): 50}
    assert accounts(imports) == []  # a dry run writes nothing of record
    imports.approve(number)
    imports.job().run()
    done = imports.find(number)
    assert (done.state, done.counters["added"], done.counters["applied"]) == (BatchState.DONE, 50, 50)
    assert len(accounts(imports)) == 50
    with imports.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StagedRow)) == 0
    assert list(imports.folder.iterdir()) == []


def test_the_same_rows_again_change_nothing(imports: Imports) -> None:
    """Another file of the same accounts brings no version; one that changed brings its second one."""
    imports.bring(csv_of(row(at) for at in range(30)))
    again = imports.bring(csv_of([*(row(at) for at in range(30)), row(30)]))
    assert (again.counters["added"], again.counters["unchanged"], again.counters["changed"]) == (1, 30, 0)
    changed = imports.bring(csv_of([row(3, mobile="13912349999"), row(4)]))
    assert (changed.counters["changed"], changed.counters["unchanged"]) == (1, 1)
    assert sorted(version for _, version, _ in accounts(imports)) == [*[1] * 31, 2]
    assert sum(is_present for *_, is_present in accounts(imports)) == 31


def test_the_same_file_twice_names_the_earlier_batch(imports: Imports) -> None:
    """A file is brought once; a cancelled one may come again."""
    content = csv_of([row(1)])
    first = imports.upload(content)
    with pytest.raises(BatchRefused) as caught:
        imports.upload(content)
    assert (caught.value.problem, caught.value.other) == (BatchProblem.SAME_FILE, first)
    with imports.database.transaction() as session:
        batches.cancel(session, first, at=imports.clock.now())
    assert imports.upload(content) > first


def test_nobody_approves_their_own_batch(imports: Imports) -> None:
    """The second person is another one."""
    number = imports.upload(csv_of([row(1)]))
    imports.job().run()
    with pytest.raises(BatchRefused) as caught:
        imports.approve(number, by=CREATOR)
    assert caught.value.problem is BatchProblem.OWN_BATCH
    imports.approve(number)


@pytest.mark.parametrize("when", ["before reading", "before approval", "before applying"])
def test_a_swapped_file_is_refused(imports: Imports, when: str) -> None:
    """The file that is read, approved and applied is the one that was uploaded, or none."""
    number = imports.upload(csv_of([row(1), row(2)]))
    lying = next(imports.folder.iterdir())
    if when != "before reading":
        imports.job().run()
    if when == "before applying":
        imports.approve(number)
    lying.write_bytes(csv_of([row(1), row(2, name="李小红")]))
    if when == "before approval":
        with pytest.raises(BatchRefused) as caught:
            imports.approve(number)
        assert caught.value.problem is BatchProblem.FILE_CHANGED
    else:
        imports.job().run()
        stopped = imports.find(number)
        assert (stopped.state, stopped.reason) == (BatchState.STOPPED, StopReason.FILE_CHANGED)
    assert accounts(imports) == []


def test_a_plan_is_approved_as_it_was_made(imports: Imports) -> None:
    """Rules or columns agreed anew since the dry run ask for another one."""
    number = imports.upload(csv_of([row(1)]))
    imports.job().run()

    def change(**values: object) -> None:
        with imports.database.transaction() as session:
            session.execute(sa.update(LegacySystem).values(**values))

    change(rules_version=2)
    with pytest.raises(BatchRefused) as caught:
        imports.approve(number)
    assert caught.value.problem is BatchProblem.RULES_CHANGED
    change(rules_version=1, columns={**COLUMNS.as_document(), "format": 2})
    with pytest.raises(BatchRefused) as caught:
        imports.approve(number)
    assert caught.value.problem is BatchProblem.COLUMNS_CHANGED
    change(columns=COLUMNS.as_document())
    imports.approve(number)


def test_an_older_file_does_not_overtake_a_newer_one(imports: Imports) -> None:
    """What a later batch said stands: an earlier one is refused from then on."""
    early = imports.upload(csv_of([row(1)]))
    imports.job().run()
    imports.bring(csv_of([row(1, name="李小红")]))
    with pytest.raises(BatchRefused) as caught:
        imports.approve(early)
    assert caught.value.problem is BatchProblem.OVERTAKEN


def test_an_account_stands_in_a_file_once(imports: Imports) -> None:
    """The first row counts; the others are named: repeated, or conflicting where they say something else."""
    rows = [row(1), row(2), row(1), row(2, name="李小红"), row(3, reference="")]
    number = imports.upload(csv_of(rows))
    imports.job().run()
    with imports.database.read() as session:
        faults = dict(
            session.execute(sa.select(StagedFault.row_number, StagedFault.fault).order_by(StagedFault.row_number)).all()
        )
    assert faults == {3: RowProblem.REPEATED, 4: RowProblem.CONFLICTING, 5: RowProblem.REFERENCE_MISSING}
    assert imports.find(number).counters["changes"] == {"added": 2}


def test_columns_that_are_missing_stop_the_batch(imports: Imports) -> None:
    """A file without an agreed column is not guessed at."""
    number = imports.upload(csv_of([row(1)[:5]], header=HEADER[:5]))  # type: ignore[list-item]
    imports.job().run()
    stopped = imports.find(number)
    assert stopped.state is BatchState.STOPPED
    assert stopped.reason in (StopReason.FILE_UNREADABLE, StopReason.COLUMN_MISSING)


def test_a_full_file_says_who_is_gone(imports: Imports) -> None:
    """Who is not in it is gone; a partial file says nothing of them, and neither does one with bad rows."""
    imports.bring(csv_of(row(at) for at in range(10)), kind=BatchKind.FULL)
    imports.bring(csv_of(row(at) for at in range(11, 13)))
    assert gone(imports) == 0
    imports.bring(csv_of([*(row(at) for at in range(8)), row(99, reference="")]), kind=BatchKind.FULL)
    assert gone(imports) == 0
    last = imports.bring(csv_of(row(at) for at in range(9)), kind=BatchKind.FULL)
    assert gone(imports) == last.counters["gone"] == 3


def gone(imports: Imports) -> int:
    with imports.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(AccountSituation.situation == Situation.GONE)) or 0


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Safeguards(bad_rows=10, lost_characters=100, changes=100, suspensions=100), StopReason.BAD_ROWS),
        (Safeguards(bad_rows=100, lost_characters=10, changes=100, suspensions=100), StopReason.LOST_CHARACTERS),
    ],
)
def test_a_bad_file_stops_until_somebody_accepts_it(imports: Imports, limits: Safeguards, reason: StopReason) -> None:
    """A safeguard stops a batch with its reason; accepted, it goes on and does not stop there again."""
    imports.limits = limits
    content = csv_of([*(row(at) for at in range(3)), row(3, reference=""), row(4, name="坏字")])
    number = imports.upload(content.replace("坏字".encode(), b"\xff\xfe\xff"))
    imports.job().run()
    assert (imports.find(number).state, imports.find(number).reason) == (BatchState.STOPPED, reason)
    with imports.database.transaction() as session:
        assert batches.accept_stop(session, number) == reason
    imports.job().run()
    assert imports.find(number).state is BatchState.REVIEW


def test_a_file_that_turns_a_system_over_stops(imports: Imports) -> None:
    """Where most of a system's accounts would be gone, people look first."""
    imports.bring(csv_of(row(at) for at in range(20)), kind=BatchKind.FULL)
    imports.limits = Safeguards(bad_rows=100, lost_characters=100, changes=50, suspensions=100)
    number = imports.upload(csv_of(row(at) for at in range(5)), kind=BatchKind.FULL)
    imports.job().run()
    assert (imports.find(number).state, imports.find(number).reason) == (BatchState.STOPPED, StopReason.MANY_CHANGES)
    with imports.database.transaction() as session:
        batches.accept_stop(session, number)
    assert imports.find(number).state is BatchState.REVIEW


def test_a_paused_batch_goes_on_where_it_was(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause takes effect at the next checkpoint and loses nothing."""
    number = imports.upload(csv_of(row(at) for at in range(50)))
    pause_before(imports, number, monkeypatch, chunk=1)
    assert imports.job().run() == 1
    held = imports.find(number)
    assert held.is_paused and held.state is BatchState.STAGING and held.counters["rows"] == 20
    monkeypatch.undo()
    with imports.database.transaction() as session:
        batches.resume(session, number)
    imports.job().run()
    assert imports.find(number).counters["rows"] == 50


def pause_before(imports: Imports, number: int, monkeypatch: pytest.MonkeyPatch, *, chunk: int) -> None:
    """Let somebody pause the batch once that many chunks are written down."""
    read: Callable[..., Iterator[FileChunk]] = FileChunks.read

    def pausing(chunks: FileChunks, **arguments: object) -> Iterator[FileChunk]:
        for at, each in enumerate(read(chunks, **arguments)):
            if at == chunk:
                with imports.database.transaction() as session:
                    batches.pause(session, number)
            yield each

    monkeypatch.setattr(FileChunks, "read", pausing)


def test_two_workers_never_hold_one_batch(imports: Imports, clock: FrozenClock) -> None:
    """The second finds nothing until the first one's lease ends; what the first writes after that does not count."""
    number = imports.upload(csv_of([row(1)]))
    with imports.database.transaction() as session:
        first = leases.lease(session, "one", at=clock.now())
    assert first is not None
    with imports.database.transaction() as session:
        assert leases.lease(session, "two", at=clock.now()) is None
    clock.advance(seconds=leases.LEASE_SECONDS + 1)
    assert imports.job("two").run() == 2
    with pytest.raises(leases.LeaseLost), imports.database.transaction() as session:
        leases.checkpoint(session, first, "one", at=clock.now(), counters={})
    assert imports.find(number).state is BatchState.REVIEW


def test_rows_that_a_crash_took_are_read_again(imports: Imports) -> None:
    """Unlogged tables are empty after a crash of PostgreSQL: the batch notices, reads its file again and goes on."""
    number = imports.upload(csv_of(row(at) for at in range(50)))
    imports.job().run()
    imports.approve(number)
    with imports.database.transaction() as session:
        session.execute(sa.delete(StagedRow))
    imports.job().run()
    done = imports.find(number)
    assert (done.state, done.counters["added"]) == (BatchState.DONE, 50)


def test_a_full_disk_stops_the_batch_with_its_name(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is a reason, not a crash; what was read is kept, and nothing is applied."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    number = imports.upload(csv_of(row(at) for at in range(50)))
    with monkeypatch.context() as patched:
        patched.setattr(staging, "load_rows", full)
        imports.job().run()
    assert (imports.find(number).state, imports.find(number).reason) == (BatchState.STOPPED, StopReason.DISK_FULL)
    with imports.database.transaction() as session:
        batches.begin(session, number)
    imports.job().run()
    assert imports.find(number).state is BatchState.REVIEW


def test_a_file_that_does_not_fit_on_the_disk_leaves_nothing(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that the disk has no room for is refused whole; the next one that fits is taken."""
    source = tmp_path / "large.csv"
    source.write_bytes(csv_of([row(1)]))

    def full(_reading: object, writing: BinaryIO, _block: int) -> None:
        writing.write(b"GRBH")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfileobj", full)
        with pytest.raises(OSError, match="No space"):
            imports.uploads.take(source)
    assert list(imports.folder.iterdir()) == []
    assert imports.uploads.take(source).size == source.stat().st_size
