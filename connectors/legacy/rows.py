"""What every kind of source gives: chunks of rows, the rows that cannot be read, and where to go on."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class RowFault(StrEnum):
    """Why one row cannot be read."""

    TOO_FEW_CELLS = "too_few_cells"
    TOO_MANY_CELLS = "too_many_cells"
    TOO_LONG = "too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    NUL = "nul"  # U+0000, which no database column takes
    MALFORMED = "malformed"  # against the grammar of its format
    CUT_OFF = "cut_off"  # the file ends inside it
    DELETED = "deleted"  # marked so in the source


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: which one, and why; never what it says."""

    number: int
    fault: RowFault


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two rows: `row` were numbered before it, and the next one begins at the byte `offset`.

    `head` is where the statement begins that names the columns (SQL dumps). Formats without seeking use `row` alone.
    Bytes are those of the unpacked file.
    """

    row: int = 0
    offset: int = 0
    head: int = 0

    def as_json(self) -> str:
        """Return the form in which a job keeps it."""
        return json.dumps([self.row, self.offset, self.head])

    @classmethod
    def from_json(cls, text: str) -> "Position":
        """Return what `as_json` wrote; raises ValueError for anything else."""
        found = json.loads(text)
        if not (isinstance(found, list) and len(found) == 3 and all(type(part) is int and part >= 0 for part in found)):
            raise ValueError("not a position")
        return cls(*found)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows in the order of the source; `numbers` counts from 1 and names each of `rows`.

    Cells are text, as many as the header has names; an empty one is "". `lost_characters` were made U+FFFD because
    their bytes are none of the encoding. Give `position` to `chunks` to go on after this chunk, in any process.
    """

    numbers: Sequence[int]
    rows: list[list[str]] | list[tuple[str, ...]]
    bad: tuple[BadRow, ...]
    lost_characters: int
    position: Position


class LegacyFile(Protocol):
    """A file of accounts, opened; `chunks` may be called as often as one likes."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, each one once."""

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position, at most `size` at once, bad ones counted; memory stays flat.

        Raises SourceRefused where the rest of the file cannot be read at all.
        """


def chunk_of(
    outcomes: Iterable[list[str] | RowFault], *, before: int, lost_characters: int, offset: int, head: int = 0
) -> Chunk:
    """Return the chunk of what came of the rows that follow the row `before`."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    bad: list[BadRow] = []
    number = before
    for number, outcome in enumerate(outcomes, start=before + 1):
        if isinstance(outcome, RowFault):
            bad.append(BadRow(number, outcome))
        else:
            numbers.append(number)
            rows.append(outcome)
    return Chunk(
        numbers=numbers if bad else range(before + 1, number + 1),
        rows=rows,
        bad=tuple(bad),
        lost_characters=lost_characters,
        position=Position(number, offset, head),
    )
