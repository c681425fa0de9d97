"""JSON lines: an object a line (RFC 8259 each)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.legacy.decoding import decode, without_surrogates
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.line_chunks import begin_of_text, line_chunks
from connectors.legacy.rows import Chunk, Position, RowFault

# Numbers stay as they are written: an account number of twenty digits is no float.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class JsonLinesFile:
    """A file of JSON objects, whose names are the columns; null and a name left out by agreement are ""."""

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        self._path = path
        self._layout = layout
        self._limits = limits
        self._names = frozenset(layout.header)
        self._required = self._names - frozenset(layout.optional)
        self._first = begin_of_text(path, limits, layout.encoding)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        encoding = self._layout.encoding
        return line_chunks(self._path, self._limits, encoding, self._read, size=size, after=after or self._first)

    def _read(self, line: bytes) -> tuple[list[str] | RowFault | None, int]:
        text, lost = decode(line, self._layout.encoding)
        text = text.strip(" \t\r")
        if not text:
            return None, lost
        found = read_object(text)
        if found is None:
            return RowFault.MALFORMED, lost
        names = found.keys()
        if not names >= self._required:
            return RowFault.TOO_FEW_CELLS, lost
        if not names <= self._names:
            return RowFault.TOO_MANY_CELLS, lost
        cells = [found.get(name, "") for name in self._layout.header]
        if set(map(type, cells)) != {str}:
            cells = [as_cell(value) for value in cells]
        if "\\u" not in text:  # only spelled out can either of the following be there
            return cells, lost
        return _checked(cells, lost)


def read_object(text: str) -> dict[str, Any] | None:
    """Return the object that the text is, or None for anything else."""
    try:
        found, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and end == len(text) else None


def as_cell(value: object) -> str:
    """Return a value as text; lists and objects as JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _checked(cells: list[str], lost: int) -> tuple[list[str] | RowFault, int]:
    checked = [without_surrogates(cell) for cell in cells]
    lost += sum(made for _, made in checked)
    if any("\0" in cell for cell in cells):
        return RowFault.NUL, lost
    return [cell for cell, _ in checked], lost
