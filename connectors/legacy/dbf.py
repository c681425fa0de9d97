"""DBF tables of dBase III and IV, FoxPro and Visual FoxPro: a header, then records of one length."""

import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from connectors.legacy.byte_source import ByteStream, open_bytes
from connectors.legacy.dbf_header import DbfHeader, read_header
from connectors.legacy.dbf_values import reader_of
from connectors.legacy.decoding import decode
from connectors.legacy.fixed_width import PADDING
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Chunk, Position, RowFault, chunk_of

_KEPT, _DELETED, _END = 0x20, 0x2A, 0x1A
_BATCH_BYTES = 16 << 20


class DbfFile:
    """A DBF table; a record that is marked deleted is a bad row.

    Columns whose values stand in another file (memos) are left out.
    """

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        self._path = path
        self._layout = layout
        self._limits = limits
        with closing(open_bytes(path, limits)) as stream:
            self._table: DbfHeader = read_header(stream, limits)
        if self._table.names != layout.header:
            raise SourceRefused(SourceProblem.HEADER_DIFFERS)
        self._unpack = struct.Struct(self._table.record_format).unpack
        self._readers = [reader_of(column, layout.encoding) for column in self._table.columns]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        place = after or Position(0, self._table.length)
        length = self._table.record_length
        with closing(open_bytes(self._path, self._limits)) as stream:
            stream.seek(place.offset)
            while chunk := self._read_chunk(stream, place, min(size, max(1, _BATCH_BYTES // length))):
                place = chunk.position
                yield chunk
                # Behind the mark of the end there may be what was there before.
                stream.seek(place.offset)

    def _read_chunk(self, stream: ByteStream, place: Position, most: int) -> Chunk | None:
        length = self._table.record_length
        block = stream.read(most * length)
        outcomes: list[list[str] | RowFault] = []
        lost = 0
        for begin in range(0, len(block), length):
            record = block[begin : begin + length]
            if record[0] == _END or len(record) < length:
                break
            outcome, lost_here = self._read(record)
            outcomes.append(outcome)
            lost += lost_here
        has_ended = len(outcomes) < most
        offset = place.offset + len(outcomes) * length
        if has_ended and place.row + len(outcomes) < self._table.records:
            outcomes.append(RowFault.CUT_OFF)  # one fault for all that the header promised and is not there
            chunk = chunk_of(outcomes, before=place.row, lost_characters=lost, offset=offset)
            return replace(chunk, position=replace(chunk.position, row=self._table.records))
        return chunk_of(outcomes, before=place.row, lost_characters=lost, offset=offset) if outcomes else None

    def _read(self, record: bytes) -> tuple[list[str] | RowFault, int]:
        if record[0] != _KEPT:
            return (RowFault.DELETED if record[0] == _DELETED else RowFault.MALFORMED), 0
        parts = self._unpack(record)
        lost = 0
        try:
            cells = [read(part) for read, part in zip(self._readers, parts, strict=True)]
        except UnicodeDecodeError:
            cells = []
            for read, part in zip(self._readers, parts, strict=True):
                text, made = decode(part, self._layout.encoding)
                cells.append(read(part) if not made else text.rstrip(PADDING))
                lost += made
        except ValueError:  # a day that no calendar has
            return RowFault.MALFORMED, 0
        if b"\0" in record and any("\0" in cell for cell in cells):
            return RowFault.NUL, lost
        return cells, lost
