"""The statements of an SQL dump: those that bring rows of one table are found, all others are passed over."""

import re
from dataclasses import dataclass

from connectors.legacy.byte_window import ByteWindow
from connectors.legacy.layout import Encoding
from connectors.legacy.sql_grammar import COPY, GAP, INSERT, bare_name, column_names, literals

# What stands before the first row: names of all columns, at most.
_HEAD = 1 << 16
# A string longer than this in somebody else's table is taken for a quote that nothing closes.
_LONGEST_STRING = 24 << 20
_COPY_END = re.compile(rb"^\\\.\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that brings rows: where it begins, the columns that it names, none for all, and its form."""

    head: int
    columns: tuple[str, ...]
    is_copy: bool


class Statements:
    """Finds the statements of one table, from the beginning of any statement on.

    Strings are followed through, so nothing that somebody once wrote into a text is taken for a statement.
    """

    def __init__(self, table: str, encoding: Encoding, *, backslashes: bool) -> None:
        self._table = table
        self._encoding = encoding
        self._rest = literals(encoding, backslashes=backslashes).rest_of_statement()

    def find_next(self, window: ByteWindow) -> Statement | None:
        """Move to the first row of the next statement and return it, or None at the end of the file."""
        while self._go_to_next(window):
            for pattern in (INSERT, COPY):
                match = pattern.match(window.data, window.at)
                if match is None:
                    continue
                if bare_name(match[1], self._encoding) == self._table:
                    head = window.offset
                    window.at = match.end()
                    return Statement(head, column_names(match[2] or b"", self._encoding), pattern is COPY)
                if pattern is COPY:
                    window.at = match.end()
                    self._pass_over_copied(window)
                    break
            else:
                self.pass_over_rest(window)
        return None

    def pass_over_rest(self, window: ByteWindow) -> None:
        """Move behind the semicolon that ends the statement."""
        while True:
            match = self._rest.match(window.data, window.at)
            window.at = match.end() if match is not None else window.at
            if window.data[window.at : window.at + 1] == b";":
                window.at += 1
                return
            held = len(window.data) - window.at
            if held > _LONGEST_STRING:
                window.at += 1
            elif not window.extend():
                window.at = len(window.data)
                return

    def _go_to_next(self, window: ByteWindow) -> bool:
        while True:
            window.has(_HEAD)
            match = GAP.match(window.data, window.at)
            window.at = match.end() if match is not None else window.at
            if window.at < len(window.data):
                window.has(_HEAD)
                return True
            if not window.extend():
                return False

    @staticmethod
    def _pass_over_copied(window: ByteWindow) -> None:
        while True:
            match = _COPY_END.search(window.data, window.at)
            if match is not None:
                window.at = match.end()
                return
            # The mark may be cut: the last line stays.
            window.at = max(window.at, window.data.rfind(b"\n"))
            if not window.extend():
                window.at = len(window.data)
                return
