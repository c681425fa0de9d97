"""The rows of one statement of an SQL dump, and how reading goes on after one that is none."""

import re
from dataclasses import dataclass, field

from connectors.legacy.byte_window import ByteWindow
from connectors.legacy.decoding import decode
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.rows import RowFault
from connectors.legacy.sql_grammar import GAP, ROW_END, literals
from connectors.legacy.sql_statements import Statement, Statements
from connectors.legacy.sql_values import NoLiteral, copied, reader_of

_QUOTE = 0x27
_COPY_END = b"\\."
#: Reading pauses after so many bytes.
BATCH_BYTES = 16 << 20


@dataclass(slots=True)
class RowsRead:
    """What came of some rows in the order of their statement, and whether it has ended."""

    outcomes: list[list[str] | RowFault] = field(default_factory=list)
    lost_characters: int = 0
    has_ended: bool = False

    def add(self, outcome: list[str] | RowFault, lost: int = 0) -> None:
        """Note what came of the next row."""
        self.outcomes.append(outcome)
        self.lost_characters += lost


class SqlRows:
    """Reads rows of one width; what a fault leaves is passed over to where the next row may begin."""

    def __init__(self, layout: Layout, limits: Limits, statements: Statements) -> None:
        self._encoding = layout.encoding
        self._longest = limits.row_bytes
        self._statements = statements
        self._read_literal = reader_of(layout.encoding, backslashes=layout.backslashes)
        self._width = len(layout.header)
        self._patterns = literals(layout.encoding, backslashes=layout.backslashes)
        self._row = self._patterns.row(self._width)
        self._row_with_calls = self._patterns.row_with_calls(self._width)
        self._any_row = self._patterns.any_row()

    def read(self, window: ByteWindow, statement: Statement, most: int) -> RowsRead:
        """Return what came of the statement's next rows, at most so many."""
        found = RowsRead()
        begin = window.offset
        read_next = self._read_line if statement.is_copy else self._read_row
        while not found.has_ended and len(found.outcomes) < most and window.offset - begin < BATCH_BYTES:
            read_next(window, found)
        return found

    def _read_row(self, window: ByteWindow, found: RowsRead) -> None:
        match = self._row.match(window.data, window.at)
        if match is not None and match.group(self._width + 1):
            self._take(match, found)
            window.at = match.end()
            found.has_ended = match.group(self._width + 1) == b";"
            return
        held = len(window.data) - window.at
        window.has(self._longest)
        if len(window.data) - window.at == held:  # otherwise it is tried again with what came
            self._read_with_care(window, found)

    def _read_with_care(self, window: ByteWindow, found: RowsRead) -> None:
        gap = GAP.match(window.data, window.at)
        if gap is not None and gap.end() > window.at:
            window.at = gap.end()
            return
        match = self._row_with_calls.match(window.data, window.at)
        if match is not None:
            self._take(match, found)
            window.at = match.end()
            self._pass_separator(window, found, match.group(self._width + 1))
            return
        match = self._any_row.match(window.data, window.at)
        if match is not None:
            is_short = self._patterns.width_of(match.group()) < self._width
            found.add(RowFault.TOO_FEW_CELLS if is_short else RowFault.TOO_MANY_CELLS)
            window.at = match.end()
            self._pass_separator(window, found, b"")
            return
        self._pass_over_broken(window, found)

    def _take(self, match: re.Match[bytes], found: RowsRead) -> None:
        if match.end() - match.start() > self._longest:
            found.add(RowFault.TOO_LONG)
            return
        cells = self._plain_cells(match)
        if cells is not None:
            found.add(cells)
            return
        try:
            read = [self._read_literal(value) for value in match.groups()[:-1]]
        except NoLiteral:
            found.add(RowFault.MALFORMED)
            return
        self._add_cells([text for text, _ in read], sum([lost for _, lost in read]), found)

    def _plain_cells(self, match: re.Match[bytes]) -> list[str] | None:
        """Return the cells of a row of plain strings and NULLs, which most are, or None for another."""
        row = match.group()
        if b"\\" in row or b"''" in row or b"\0" in row:
            return None
        encoding, values = self._encoding, match.groups()[:-1]
        if not all(value[0] == _QUOTE or value == b"NULL" for value in values):
            return None
        try:
            return ["" if value == b"NULL" else value[1:-1].decode(encoding) for value in values]
        except UnicodeDecodeError:
            return None

    @staticmethod
    def _add_cells(cells: list[str], lost: int, found: RowsRead) -> None:
        has_nul = any("\0" in cell for cell in cells)
        found.add(RowFault.NUL if has_nul else cells, lost)

    def _pass_separator(self, window: ByteWindow, found: RowsRead, separator: bytes) -> None:
        if not separator:
            gap = GAP.match(window.data, window.at)
            window.at = gap.end() if gap is not None else window.at
            separator = window.data[window.at : window.at + 1]
            if separator in (b",", b";"):
                window.at += 1
            elif separator:  # ON DUPLICATE KEY …
                self._statements.pass_over_rest(window)
                separator = b";"
            else:
                found.add(RowFault.CUT_OFF)  # no semicolon: there may have been more
                separator = b";"
        found.has_ended = separator == b";"

    def _pass_over_broken(self, window: ByteWindow, found: RowsRead) -> None:
        """Note the fault of what is no row and move to where the next one may begin."""
        end = ROW_END.search(window.data, window.at + 1, window.at + self._longest)
        if end is None and len(window.data) - window.at < self._longest:
            found.add(RowFault.CUT_OFF)
            window.at = len(window.data)
            found.has_ended = True
            return
        found.add(RowFault.MALFORMED if end is not None else RowFault.TOO_LONG)
        while end is None:
            window.at = max(window.at + 1, len(window.data) - self._longest)
            is_more = window.extend()
            end = ROW_END.search(window.data, window.at)
            if end is None and not is_more:
                window.at = len(window.data)
                found.has_ended = True
                return
        window.at = end.end()
        found.has_ended = b";" in end.group()

    def _read_line(self, window: ByteWindow, found: RowsRead) -> None:
        """Read a line of COPY."""
        end = window.data.find(b"\n", window.at)
        if end < 0:
            is_long = len(window.data) - window.at > self._longest
            if is_long:
                found.add(RowFault.TOO_LONG)
                self._pass_over_line(window)
            elif not window.extend():
                found.add(RowFault.CUT_OFF)  # the mark of the end is missing
                window.at = len(window.data)
                found.has_ended = True
            return
        line = window.data[window.at : end].removesuffix(b"\r")
        window.at = end + 1
        if line == _COPY_END:
            found.has_ended = True
        elif len(line) > self._longest:
            found.add(RowFault.TOO_LONG)
        else:
            self._take_line(line, found)

    def _take_line(self, line: bytes, found: RowsRead) -> None:
        text, lost = decode(line, self._encoding)
        cells = text.split("\t")
        if len(cells) != self._width:
            found.add(RowFault.TOO_FEW_CELLS if len(cells) < self._width else RowFault.TOO_MANY_CELLS, lost)
            return
        self._add_cells([copied(cell) for cell in cells] if "\\" in text else cells, lost, found)

    @staticmethod
    def _pass_over_line(window: ByteWindow) -> None:
        while (end := window.data.find(b"\n", window.at)) < 0:
            window.at = len(window.data)
            if not window.extend():
                return
        window.at = end + 1
