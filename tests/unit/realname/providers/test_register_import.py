"""Taking files into the register: as often as one likes, from any interruption, on both databases."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.canonical import ROW
from idp.house.build import House
from realname.providers.register import importing
from realname.providers.register.entries import Register
from realname.providers.register.importing import Counts, NotEnded, Plan
from realname.providers.register.models import RegisterEntry, RegisterIndex
from realname.providers.register.reading import BadRow, FileRefused
from tests.support.register import MOBILE, NAME, NUMBER, OTHER_NUMBER, code_of, entry_of, put
from tests.unit.realname.documents.numbers import make_resident_number

MATCH = "match register.match"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file of some rows have several batches, and an end several pages."""
    monkeypatch.setattr(importing, "_BATCH", 4)
    monkeypatch.setattr(importing, "_END_BATCH", 3)


def many(count: int, name: str = "王某") -> list[str]:
    return [f"{make_resident_number(sequence=f'{place:03d}')},{name},13712{place:06d}" for place in range(count)]


def take(house: House, rows: list[str], **plan: Any) -> tuple[Counts, list[tuple[int, BadRow]]]:
    """Import a file of number, name and mobiles; return what became of it."""
    bad: list[tuple[int, BadRow]] = []
    text = "\n".join(["number,name,mobiles", *rows]) + "\n"
    counts = house.register.importer.run(
        io.BytesIO(text.encode()),
        Plan(**plan),
        report_bad=lambda line, row: bad.append((line, row)),
        report_progress=lambda _counts: None,
    )
    return counts, bad


def rows_of(house: House) -> list[Any]:
    with house.ground.database.read() as session:
        entries = session.execute(sa.select(RegisterEntry.id, RegisterEntry.content).order_by(RegisterEntry.id)).all()
        indexes = session.execute(sa.select(RegisterIndex.__table__).order_by(RegisterIndex.index)).all()
    return [*entries, *indexes]


def audited(house: House) -> list[tuple[str, dict[str, Any]]]:
    with house.ground.database.read() as session:
        rows = session.execute(sa.select(ROW.c.event, ROW.c.details).where(ROW.c.event.like("register.%"))).all()
    return [(row.event, row.details) for row in rows]


def test_the_same_file_twice(house: House) -> None:
    """The second run finds everything and changes not one byte; both are on record, without personal data."""
    rows = [f"{NUMBER},{NAME},{MOBILE}", *many(9)]
    assert take(house, rows)[0] == Counts(rows=10, added=10)
    before = rows_of(house)
    assert take(house, rows)[0] == Counts(rows=10, unchanged=10)
    assert rows_of(house) == before and len(before) == 20
    assert code_of(house, mobile=MOBILE) == MATCH
    events = audited(house)
    assert sorted(event for event, _ in events) == ["register.import_started"] * 2 + ["register.imported"] * 2
    assert len({details["file"] for _, details in events}) == 1
    assert [details["added"] for event, details in events if event == "register.imported"].count(10) == 1
    assert NUMBER not in repr(events) and NAME not in repr(events)


def test_a_row_that_changed(house: House) -> None:
    """Only what changed is written, and answers follow: the old name no longer matches, the new one does."""
    rows = many(6)
    take(house, [f"{NUMBER},{NAME},", *rows])
    counts, _ = take(house, [f"{NUMBER},欧阳新名,13712345678", *rows])
    assert counts == Counts(rows=7, changed=1, unchanged=6)
    assert code_of(house, name="欧阳新名", mobile=MOBILE) == MATCH
    assert code_of(house) == "mismatch register.other_name"


def test_broken_lines(house: House) -> None:
    """Bad rows are left out and told by line, column and problem; all others are in."""
    rows = [f"{NUMBER[:17]}1,{NAME},", f"{NUMBER},{NAME},", f"{OTHER_NUMBER},李\x07四,", "x", *many(3)]
    counts, bad = take(house, rows)
    assert counts == Counts(rows=7, added=4, bad=3)
    assert bad == [
        (2, BadRow("number", "check_digit")), (4, BadRow("name", "characters")), (5, BadRow("", "columns")),
    ]  # fmt: skip
    assert code_of(house) == MATCH


@pytest.mark.parametrize("distance", [0, 9])
def test_a_number_with_two_names(house: House, distance: int) -> None:
    """In one batch or in two: the first row holds and the second is bad, each time; the same row twice is not."""
    rows = [f"{NUMBER},{NAME},", *many(distance), f"{NUMBER},{NAME},", f"{NUMBER.lower()},李四,"]
    for expected in (Counts(added=distance + 1, unchanged=1), Counts(unchanged=distance + 2)):
        counts, bad = take(house, rows)
        assert counts == expected.plus(rows=distance + 3, bad=1)
        assert bad == [(distance + 4, BadRow("number", "repeated"))]
        assert code_of(house) == MATCH


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_a_run_that_was_broken_off(house: House, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Killed within any batch, nothing of that batch is there, and the next run brings the rest."""
    rows, write, left = many(10), Register.put, [batches]

    class Killed(BaseException):
        pass

    def put_until(self: Register, *arguments: Any, **named: Any) -> Any:
        done = write(self, *arguments, **named)
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return done

    with monkeypatch.context() as patch:
        patch.setattr(Register, "put", put_until)
        with pytest.raises(Killed):
            take(house, rows)
    assert len(rows_of(house)) == 2 * 4 * batches
    assert [event for event, _ in audited(house)] == ["register.import_started"]
    assert take(house, rows)[0] == Counts(rows=10, added=10 - 4 * batches, unchanged=4 * batches)
    assert len(rows_of(house)) == 20


def test_a_file_that_is_refused_leaves_nothing(house: House) -> None:
    """Neither entries nor a row of the audit."""
    for raw in (b"\xff\xff", b"", b"number\n1\n"):
        with pytest.raises(FileRefused):
            house.register.importer.run(
                io.BytesIO(raw), Plan(), report_bad=lambda *_: None, report_progress=lambda _: None
            )
    assert rows_of(house) == [] and audited(house) == []


def test_a_whole_register_ends_who_is_not_in_it(house: House) -> None:
    """With --complete numbers that the file lacks are gone; without it, or with a bad row, they stay."""
    rows = many(40)
    take(house, [*rows, f"{NUMBER},{NAME},"])
    assert take(house, rows)[0].ended == 0
    with pytest.raises(NotEnded, match="1 rows are bad"):
        take(house, [*rows, "x"], is_complete=True)
    assert code_of(house) == MATCH
    counts, _ = take(house, [*rows, f"{OTHER_NUMBER},李四,"], is_complete=True)
    assert counts == Counts(rows=41, added=1, unchanged=40, ended=1)
    assert code_of(house) == "no_record register.no_record"
    assert code_of(house, OTHER_NUMBER, "李四") == MATCH and len(rows_of(house)) == 82
    assert take(house, [*rows, f"{NUMBER},{NAME},", f"{OTHER_NUMBER},李四,"])[0].added == 1, "who returns is new"


def test_a_whole_register_that_is_far_too_small(house: House) -> None:
    """A file that would end more than a tenth is taken in but ends nobody, unless it is said that it may."""
    take(house, many(20))
    with pytest.raises(NotEnded, match="15 of 20 entries"):
        take(house, many(5), is_complete=True)
    assert len(rows_of(house)) == 40
    counts, _ = take(house, many(5), is_complete=True, may_end_many=True)
    assert counts == Counts(rows=5, unchanged=5, ended=15) and len(rows_of(house)) == 10


def test_who_comes_meanwhile_is_not_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that another command writes during a run of a whole register stays."""
    rows, progress = many(20), []

    def write_another(counts: Counts) -> None:
        if not progress:
            put(house, entry_of())
        progress.append(counts)

    text = "\n".join(["number,name,mobiles", *rows]) + "\n"
    house.register.importer.run(
        io.BytesIO(text.encode()), Plan(is_complete=True), report_bad=lambda *_: None, report_progress=write_another
    )
    assert code_of(house) == MATCH and len(progress) > 1


def test_two_writers_take_turns(house: House) -> None:
    """PostgreSQL: who comes second sees what the first wrote, and no number is in twice."""
    if house.ground.database.is_sqlite:
        return  # one writer
    entries = [entry_of(make_resident_number(sequence=f"{place:03d}")) for place in range(50)]
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda order: set(put(house, *order)), (entries, entries[::-1])))
    assert sorted(map(sorted, done)) == [["added"], ["unchanged"]]
    assert len(rows_of(house)) == 100


def test_progress_is_told_between_transactions(house: House) -> None:
    """Whoever hears of it may use the database: on SQLite a second writer would wait in vain."""
    told: list[Counts] = []

    def note(counts: Counts) -> None:
        house.ground.presence.note()
        told.append(counts)

    text = "\n".join(["number,name,mobiles", *many(10)]) + "\n"
    run: Callable[..., Counts] = house.register.importer.run
    run(io.BytesIO(text.encode()), Plan(), report_bad=lambda *_: None, report_progress=note)
    assert [counts.rows for counts in told] == [4, 8, 10]
