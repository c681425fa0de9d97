"""Delimited text: CSV, TSV and what stands between pipes (RFC 4180, and what older systems make of it)."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from connectors.legacy.byte_source import ByteStream, open_bytes
from connectors.legacy.csv_records import CsvRecords
from connectors.legacy.decoding import mark_length
from connectors.legacy.header import names_of
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.line_reader import LineReader
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Chunk, Position, RowFault, chunk_of

# Lines decoded together: few enough for the processor's cache, measured.
_AT_ONCE = 1000


class DelimitedFile:
    """A delimited file; empty lines are no rows."""

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        if len(layout.delimiter) != 1 or layout.delimiter in "\r\n\0" or len(layout.quote) > 1:
            raise SourceRefused(SourceProblem.LAYOUT)
        self._path = path
        self._layout = layout
        self._limits = limits
        self._first = self._find_first_row()

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        place = after or self._first
        with closing(open_bytes(self._path, self._limits)) as stream:
            reader = self._reader(stream, place.offset)
            while lines := reader.take(size):
                chunk = self._read_plain(lines, place.row, reader) or self._read_with_care(lines, place.row, reader)
                place = chunk.position
                yield chunk

    def _reader(self, stream: ByteStream, offset: int) -> LineReader:
        return LineReader(stream, encoding=self._layout.encoding, offset=offset, longest=self._limits.row_bytes)

    def _find_first_row(self) -> Position:
        """Return where the rows begin; raises SourceRefused where the header row is not the one agreed on."""
        with closing(open_bytes(self._path, self._limits)) as stream:
            begin = mark_length(stream.read(4), self._layout.encoding)
            reader = self._reader(stream, begin)
            if not self._layout.has_header:
                return Position(0, begin)
            found: list[list[str] | RowFault] = []
            while not found and (lines := reader.take(1)):
                found = CsvRecords(self._layout, self._limits, reader, lines).read_all(None)
        if not found or isinstance(found[0], RowFault) or names_of(found[0]) != self._layout.header:
            raise SourceRefused(SourceProblem.HEADER_DIFFERS)
        return Position(0, reader.offset)

    def _read_plain(self, lines: list[bytes], before: int, reader: LineReader) -> Chunk | None:
        """Return the chunk of lines that are a sound row each, or None where one of them needs care."""
        rows: list[list[str]] = []
        for begin in range(0, len(lines), _AT_ONCE):
            some = self._plain_rows(lines[begin : begin + _AT_ONCE], reader.newline)
            if some is None:
                return None
            rows += some
        end = before + len(rows)
        return Chunk(range(before + 1, end + 1), rows, (), 0, Position(end, reader.offset))

    def _plain_rows(self, lines: list[bytes], newline: bytes) -> list[list[str]] | None:
        width, layout = len(self._layout.header), self._layout
        if width == 1 or max(map(len, lines)) > self._limits.row_bytes:
            return None
        try:
            text = newline.join(lines).decode(layout.encoding)
        except UnicodeDecodeError:
            return None
        text = text.replace("\r\n", "\n").removesuffix("\r")
        if "\r" in text or "\0" in text or (layout.quote and layout.quote in text):
            return None
        rows = [line.split(layout.delimiter) for line in text.split("\n")]
        return rows if set(map(len, rows)) == {width} else None

    def _read_with_care(self, lines: list[bytes], before: int, reader: LineReader) -> Chunk:
        records = CsvRecords(self._layout, self._limits, reader, lines)
        outcomes = records.read_all(len(self._layout.header))
        return chunk_of(outcomes, before=before, lost_characters=records.lost_characters, offset=reader.offset)
