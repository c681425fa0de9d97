"""Cells of reports that people open in a spreadsheet: what would be a formula there is text."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

# What begins a formula or a command in one program or another, in full width as well; a tab or a line break before it
# is passed over by some.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
# A spreadsheet keeps fifteen digits of a number and makes the others zero.
_KEPT_DIGITS = 15


def safe_cell(text: str) -> str:
    """Return the text so that a spreadsheet shows it as it is: after an apostrophe where it would do otherwise.

    NUL is left out, for programs end the cell there.
    """
    text = text.replace("\0", "")
    is_long_number = len(text) > _KEPT_DIGITS and text.isascii() and text.isdecimal()
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_FORMULA) or is_long_number else text


def plain_cell(cell: str) -> str:
    """Return what `safe_cell` was given, of a cell that comes back."""
    return cell[1:] if cell.startswith("'") and safe_cell(cell[1:]) == cell else cell


def write_rows(target: TextIO, rows: Iterable[Sequence[str]]) -> None:
    """Write the rows as CSV whose cells are safe; open `target` with newline="" and, for Excel, as utf-8-sig."""
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
