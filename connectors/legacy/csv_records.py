"""Records of delimited text one at a time: quotes, line breaks inside them, and every way in which they go wrong."""

import csv
from collections.abc import Iterable, Iterator

from connectors.legacy.decoding import decode
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.line_reader import LineReader
from connectors.legacy.rows import RowFault


def strict_reader(lines: Iterable[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """Return a reader for which what follows a closing quote is an error and no part of the cell."""
    if quote:
        return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=None, quoting=csv.QUOTE_NONE, strict=True)


class CsvRecords(Iterator[str]):
    """Reads the records that begin in some lines; where the last one goes on, its further lines are taken as well.

    A quote that nothing closes would make the rest of the file one cell. So a record ends after so many lines or
    bytes: then its first line is the bad row, and the lines after it are read by themselves.
    """

    def __init__(self, layout: Layout, limits: Limits, reader: LineReader, lines: list[bytes]) -> None:
        self._encoding = layout.encoding
        self._limits = limits
        self._reader = reader
        self._lines = lines
        self._texts: list[str] = []
        self._next = 0
        self._begin = 0
        self._ran_out = False
        self._csv = strict_reader(self, layout.delimiter, layout.quote)
        self.lost_characters = 0

    def read_all(self, width: int | None) -> list[list[str] | RowFault]:
        """Return what came of each record, in order; with a `width`, one of other length is a fault."""
        outcomes: list[list[str] | RowFault] = []
        while self._next < len(self._lines):
            self._begin = self._next
            outcome = self._read_one()
            if outcome:  # an empty line is no row
                outcomes.append(outcome if width is None else _of_width(outcome, width))
        return outcomes

    def _read_one(self) -> list[str] | RowFault:
        begin, self._ran_out = self._begin, False
        if len(self._lines[begin]) > self._limits.row_bytes:
            self._next += 1
            self._text(begin)
            return RowFault.TOO_LONG
        try:
            cells = next(self._csv, [])
        except csv.Error:
            self._next = begin + 1
            return RowFault.UNCLOSED_QUOTE if self._ran_out else RowFault.MALFORMED
        if any("\0" in self._texts[line] for line in range(begin, self._next)):
            return RowFault.NUL
        return cells

    def __next__(self) -> str:
        """Give csv the next line of the record that it reads."""
        if self._next > self._begin and not self._may_go_on():
            self._ran_out = True
            raise StopIteration
        self._next += 1
        # csv ends a row at the line break, and keeps the one inside quotes.
        return self._text(self._next - 1) + "\n"

    def _may_go_on(self) -> bool:
        if self._next == len(self._lines):
            self._lines += self._reader.take(1)
        if self._next == len(self._lines) or self._next - self._begin == self._limits.row_lines:
            return False
        return sum(map(len, self._lines[self._begin : self._next + 1])) <= self._limits.row_bytes

    def _text(self, line: int) -> str:
        # Once for each line, for lines may be read twice and what they lost counts once.
        while len(self._texts) <= line:
            text, lost = decode(self._lines[len(self._texts)], self._encoding)
            self.lost_characters += lost
            self._texts.append(text)
        return self._texts[line]


def _of_width(outcome: list[str] | RowFault, width: int) -> list[str] | RowFault:
    if isinstance(outcome, RowFault) or len(outcome) == width:
        return outcome
    return RowFault.TOO_FEW_CELLS if len(outcome) < width else RowFault.TOO_MANY_CELLS
