"""The rows of a sheet as its XML comes by: cells by their places, values by their types (ISO 29500-1 §18.3)."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from connectors.legacy.shared_strings import SharedStrings

_SECONDS_OF_A_DAY = 86_400
#: Day 60 is 29 February 1900, which never was: before it every serial number is one day off.
_LEAP_DAY = 60


@dataclass(slots=True)
class SheetRows:
    """Collects the rows of a sheet in `found`; rows without any value are none.

    With a `width` a row of more cells is a fault, and one of fewer is filled up: a sheet leaves out empty cells.
    """

    strings: SharedStrings
    date_styles: frozenset[int]
    is_from_1904: bool
    limits: Limits
    width: int | None
    found: list[list[str] | RowFault] = field(default_factory=list)
    _cells: dict[int, str] = field(default_factory=dict)
    _column: int = -1
    _type: str = "n"
    _style: str = ""
    _parts: list[str] = field(default_factory=list)
    _held: int = 0
    _fault: RowFault | None = None
    _is_collecting: bool = False
    _in_phonetic: bool = False
    _in_rows: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of a cell, of a value's beginning, of a row."""
        if name == "c":
            place = attributes.get("r")
            self._column = _column_of(place) if place else self._column + 1
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._parts.clear()
        elif name == "v" or name == "t":
            self._is_collecting = self._in_rows and not self._in_phonetic
        elif name == "row":
            self._cells = {}
            self._column, self._held, self._fault = -1, 0, None
        elif name == "rPh":
            self._in_phonetic = True
        elif name == "sheetData":
            self._in_rows = True

    def end(self, name: str) -> None:
        """Put a cell into its row, or a row to those found."""
        if name == "v" or name == "t":
            self._is_collecting = False
        elif name == "c":
            if self._parts:
                self._put("".join(self._parts))
        elif name == "row":
            self._finish()
        elif name == "rPh":
            self._in_phonetic = False
        elif name == "sheetData":
            self._in_rows = False

    def text(self, text: str) -> None:
        """Keep what stands in a value."""
        if self._is_collecting:
            self._held += len(text)
            if self._held > self.limits.row_bytes:
                self._fault = RowFault.TOO_LONG
            else:
                self._parts.append(text)

    def _put(self, raw: str) -> None:
        text = self._value(raw)
        if text is None:
            self._fault = self._fault or RowFault.MALFORMED
        elif text:
            if self._column >= self.limits.columns:
                self._fault = self._fault or RowFault.TOO_MANY_CELLS
                if self.width is None:
                    raise SourceRefused(SourceProblem.TOO_MANY_COLUMNS)
            else:
                self._cells[self._column] = text

    def _value(self, raw: str) -> str | None:
        """Return a value as text, None where the file contradicts itself."""
        match self._type:
            case "s":
                return self.strings.get(int(raw)) if raw.isascii() and raw.isdecimal() and len(raw) < 12 else None
            case "b":
                return {"0": "false", "1": "true"}.get(raw)
            case "n":
                style = self._style
                is_date = style.isascii() and style.isdecimal() and int(style) in self.date_styles
                return _day(raw, is_from_1904=self.is_from_1904) if is_date else raw
            case _:  # inlineStr, str (of a formula), d (ISO 8601), e (an error of a formula)
                return raw

    def _finish(self) -> None:
        if self._fault is not None:
            self.found.append(self._fault)
            return
        if not self._cells:
            return
        last = max(self._cells)
        width = self.width if self.width is not None else last + 1
        if last >= width:
            self.found.append(RowFault.TOO_MANY_CELLS)
        elif any("\0" in text for text in self._cells.values()):
            self.found.append(RowFault.NUL)
        else:
            self.found.append([self._cells.get(place, "") for place in range(width)])


def _column_of(place: str) -> int:
    """Return the column, from 0, of a place like `AB12`."""
    column = 0
    for char in place:
        if not "A" <= char <= "Z" or column > 1 << 20:
            break
        column = column * 26 + ord(char) - 64
    return column - 1 if column else 1 << 20


def _day(raw: str, *, is_from_1904: bool) -> str:
    """Return the day, with its time where there is one, of a serial number; what is none stays as it is."""
    try:
        serial = float(raw)
    except ValueError:
        return raw
    if not math.isfinite(serial) or not 0 < serial < 2_958_466:  # the year 10000
        return raw
    first = (1904, 1, 1) if is_from_1904 else (1899, 12, 30 if serial >= _LEAP_DAY else 31)
    begin = datetime(*first)  # noqa: DTZ001 - spreadsheets know no zones
    try:
        instant = begin + timedelta(days=math.floor(serial), seconds=round(serial % 1 * _SECONDS_OF_A_DAY))
    except OverflowError:
        return raw
    has_time = instant.time() != datetime.min.time()
    return instant.isoformat(sep=" ", timespec="seconds") if has_time else instant.date().isoformat()
