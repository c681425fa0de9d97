"""What every kind of source promises, whatever is in it (`rows.LegacyFile`)."""

import random
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.legacy.layout import Kind, Layout
from connectors.legacy.limits import Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceRefused
from connectors.legacy.rows import BadRow, Chunk, Position
from connectors.legacy.sniffing import sniff
from tests.support.legacy_files import SAMPLE_NAMES, LegacySample

_SMALL = Limits(row_bytes=2000)


def rows_of(chunks: Iterable[Chunk]) -> list[list[str]]:
    return [list(row) for chunk in chunks for row in chunk.rows]


def outcomes_of(chunks: Iterable[Chunk]) -> list[tuple[int, list[str] | str]]:
    """Return what came of each row by its number; whether every number is there once is asserted."""
    found: dict[int, list[str] | str] = {}
    for chunk in chunks:
        assert len(chunk.numbers) == len(chunk.rows)
        new: list[tuple[int, list[str] | str]] = [
            *((number, list(row)) for number, row in zip(chunk.numbers, chunk.rows, strict=True)),
            *((bad.number, bad.fault.value) for bad in chunk.bad),
        ]
        assert not {number for number, _ in new} & found.keys()
        found |= dict(new)
    assert sorted(found) == list(range(1, len(found) + 1))
    return sorted(found.items())


def read_all(
    path: Path, layout: Layout, *, size: int, limits: Limits = _SMALL
) -> list[tuple[int, list[str] | str]] | None:
    """Return what came of each row, None where the file is refused; any other exception is a failure."""
    try:
        chunks = list(open_file(path, layout, limits=limits).chunks(size=size))
    except SourceRefused:
        return None
    outcomes = outcomes_of(chunks)
    assert all(len(row) == len(layout.header) for _, row in outcomes if isinstance(row, list))
    assert all("\0" not in cell for _, row in outcomes if isinstance(row, list) for cell in row)
    return outcomes


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_cell_is_read_as_it_was_written(sample: LegacySample, size: int) -> None:
    """No row is lost, none is bad, and each cell is the one that was written."""
    opened = open_file(sample.path, sample.layout)
    chunks = list(opened.chunks(size=size))
    assert opened.header == sample.layout.header
    assert rows_of(chunks) == sample.rows
    assert [number for chunk in chunks for number in chunk.numbers] == list(range(1, len(sample.rows) + 1))
    assert all(len(chunk.rows) <= size and not chunk.bad and not chunk.lost_characters for chunk in chunks)


def test_the_guess_reads_the_same(sample: LegacySample) -> None:
    """What is guessed of a file reads the cells that it holds, under the names that it gives."""
    found = sniff(sample.path)
    rows = rows_of(open_file(sample.path, found.layout).chunks(size=50))
    assert found.layout.kind is sample.layout.kind
    assert found.confidence > 0
    assert list(map(list, found.sample)) == rows[: len(found.sample)]
    if sample.layout.kind is Kind.LDIF:
        places = [sample.layout.header.index(name) for name in found.layout.header]
        assert rows == [[row[place] for place in places] for row in sample.rows]
    elif sample.layout.kind is not Kind.FIXED_WIDTH:  # whose widths are a guess to be corrected
        assert found.layout.header == sample.layout.header
        assert rows == sample.rows


def test_a_layout_is_saved_and_read_again(sample: LegacySample) -> None:
    """What is kept with the system reads the next file as well."""
    assert Layout.from_json(sample.layout.as_json()) == sample.layout


@pytest.mark.parametrize("seed", range(5))
def test_reading_goes_on_after_any_chunk(sample: LegacySample, seed: int) -> None:
    """From the position of any chunk, kept as text, the same rest is read in chunks of any size."""
    chance = random.Random(seed)
    whole = outcomes_of(open_file(sample.path, sample.layout).chunks(size=1000))
    size, taken = chance.randrange(1, 30), chance.randrange(1, 8)
    begun = list(islice(open_file(sample.path, sample.layout).chunks(size=size), taken))
    place = Position.from_json(begun[-1].position.as_json())
    rest = list(open_file(sample.path, sample.layout).chunks(size=chance.randrange(1, 30), after=place))
    assert outcomes_of([*begun, *rest]) == whole


@pytest.mark.parametrize("seed", range(3))
def test_reading_goes_on_inside_a_damaged_file(sample: LegacySample, seed: int, tmp_path: Path) -> None:
    """Bad rows have their numbers as well, and a position after one of them is as good as any."""
    path = tmp_path / "damaged"
    path.write_bytes(damaged(sample.path.read_bytes(), random.Random(seed), 20))
    whole = read_all(path, sample.layout, size=1000)
    if whole is None:
        assert sample.layout.kind in (Kind.XLSX, Kind.DBF, Kind.DELIMITED, Kind.SQL_DUMP)
        return
    begun: list[Chunk] = []
    for chunk in open_file(path, sample.layout, limits=_SMALL).chunks(size=9):
        begun.append(chunk)
        rest = open_file(path, sample.layout, limits=_SMALL).chunks(size=11, after=chunk.position)
        assert outcomes_of([*begun, *rest]) == whole


def test_a_file_cut_anywhere_gives_its_first_rows(sample: LegacySample, tmp_path: Path) -> None:
    """A cut file is refused, or gives the rows before the cut; only the last one may say less than it did."""
    content = sample.path.read_bytes()
    chance = random.Random(1)
    path = tmp_path / "cut"
    for end in sorted(chance.sample(range(len(content)), 40)):
        path.write_bytes(content[:end])
        found = read_all(path, sample.layout, size=13)
        if found is not None:
            rows = [row for _, row in found if isinstance(row, list)]
            assert rows[:-1] == sample.rows[: max(0, len(rows) - 1)]
            assert not [row for _, row in found[: len(rows) - 1] if not isinstance(row, list)]
        try:
            sniff(path)
        except SourceRefused:
            continue


@pytest.mark.parametrize("name", SAMPLE_NAMES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60), size=st.integers(1, 50))
def test_no_damage_ends_in_anything_but_an_outcome(
    name: str,
    samples: dict[str, LegacySample],
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    count: int,
    size: int,
) -> None:
    """Whatever bytes change, every row is read whole or has a fault, or the file is refused."""
    sample = samples[name]
    path = tmp_path_factory.mktemp("damage") / "file"
    path.write_bytes(damaged(sample.path.read_bytes(), random.Random(seed), count))
    read_all(path, sample.layout, size=size)
    try:
        found = sniff(path)
    except SourceRefused:
        return
    assert all(len(row) == len(found.layout.header) for row in found.sample)
    read_all(path, found.layout, size=size)


def damaged(content: bytes, chance: random.Random, count: int) -> bytes:
    """Return bytes of which some were changed, left out, or said again."""
    raw = bytearray(content)
    for _ in range(count):
        place = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[place] = chance.choice(b"\0\n\r\t\"',;()\\\x1a\x81\xfe\xff<>&: *") if chance.random() < 0.8 else 65
            case 1:
                del raw[place : place + chance.randrange(1, 40)]
            case 2:
                raw[place:place] = raw[place : place + chance.randrange(1, 40)]
            case _:
                raw[place:place] = chance.choice((b'"', b"'", b"\0", b"\r", b"\n", "中".encode("gbk"), "中".encode()))
    return bytes(raw)


def test_a_position_is_nothing_else_than_one() -> None:
    """What is no position is refused, what is one comes back."""
    place = Position(5, 70, 3)
    assert Position.from_json(place.as_json()) == place
    for text in ("", "[]", "[1,2]", "[1,2,-3]", '[1,2,"3"]', "{}", "[1,2,true]"):
        with pytest.raises(ValueError):
            Position.from_json(text)


def test_what_cannot_be_read_shows_nothing(sample: LegacySample) -> None:
    """A bad row is a number and a fault, and a sniffed file's repr quotes no cell."""
    assert BadRow.__slots__ == ("number", "fault")
    shown = repr(sniff(sample.path))
    assert not [cell for row in sample.rows for cell in (row[0], row[2]) if len(cell) > 5 and cell in shown]
