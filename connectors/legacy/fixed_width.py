"""Fixed width: a line a row, each column so many bytes, or characters, filled up with spaces."""

import struct
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from connectors.legacy.decoding import decode
from connectors.legacy.header import names_of
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.line_chunks import begin_of_text, first_line, line_chunks
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Chunk, Position, RowFault

#: What stands behind a value that is shorter than its column.
PADDING = " \0"


class FixedWidthFile:
    """A file of lines of one length; a line of another length is no row of it."""

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        widths = layout.widths
        if len(widths) != len(layout.header) or not all(0 < width <= limits.row_bytes for width in widths):
            raise SourceRefused(SourceProblem.LAYOUT)
        self._path = path
        self._layout = layout
        self._limits = limits
        self._length = sum(widths)
        self._unpack = struct.Struct("".join(f"{width}s" for width in widths)).unpack
        ends = list(accumulate(widths))
        self._slices = [slice(end - width, end) for end, width in zip(ends, widths, strict=True)]
        self._return = "\r".encode(layout.encoding)
        self._first = self._find_first_row()

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        encoding = self._layout.encoding
        return line_chunks(self._path, self._limits, encoding, self._read, size=size, after=after or self._first)

    def _find_first_row(self) -> Position:
        if not self._layout.has_header:
            return begin_of_text(self._path, self._limits, self._layout.encoding)
        line, place = first_line(self._path, self._limits, self._layout.encoding)
        found, _ = self._read(line)
        if not isinstance(found, list) or names_of(found) != self._layout.header:
            raise SourceRefused(SourceProblem.HEADER_DIFFERS)
        return place

    def _read(self, line: bytes) -> tuple[list[str] | RowFault | None, int]:
        line = line.removesuffix(self._return)
        if not line:
            return None, 0
        cells, lost = self._cells_by_characters(line) if self._layout.widths_are_characters else self._cells(line)
        if isinstance(cells, list) and b"\0" in line and any("\0" in cell for cell in cells):
            return RowFault.NUL, lost
        return cells, lost

    def _cells(self, line: bytes) -> tuple[list[str] | RowFault, int]:
        if len(line) != self._length:
            return (RowFault.TOO_FEW_CELLS if len(line) < self._length else RowFault.TOO_MANY_CELLS), 0
        encoding = self._layout.encoding
        parts = self._unpack(line)
        try:
            return [part.decode(encoding).rstrip(PADDING) for part in parts], 0
        except UnicodeDecodeError:
            decoded = [decode(part, encoding) for part in parts]
        return [text.rstrip(PADDING) for text, _ in decoded], sum(lost for _, lost in decoded)

    def _cells_by_characters(self, line: bytes) -> tuple[list[str] | RowFault, int]:
        text, lost = decode(line, self._layout.encoding)
        if len(text) != self._length:
            return (RowFault.TOO_FEW_CELLS if len(text) < self._length else RowFault.TOO_MANY_CELLS), lost
        return [text[place].rstrip(PADDING) for place in self._slices], lost
