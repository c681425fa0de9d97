"""The header of a DBF table: how many records, how long, and of which columns."""

import struct
from dataclasses import dataclass

from connectors.legacy.byte_source import ByteStream
from connectors.legacy.header import names_of
from connectors.legacy.layout import Encoding
from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused

# dBase III, with memo; dBase IV, with memo, SQL tables; FoxBase, FoxPro; Visual FoxPro, with counters, with varchar.
_VERSIONS = frozenset({0x03, 0x83, 0x43, 0x63, 0x8B, 0xCB, 0x02, 0xFB, 0xF5, 0x30, 0x31, 0x32})
_HEAD = struct.Struct("<B3xIHH17xBxx")
_COLUMN = struct.Struct("<11sc4xBBB13x")
_END = 0x0D
# Memos and pictures, whose values stand in another file, and FoxPro's own column of null marks.
_ELSEWHERE = b"MGPW0"
_HERE = b"CNFDLIYTBV+"
_DOUBLE_LENGTH = 8
_CODE_PAGES = {0x4D: Encoding.GB18030, 0x7A: Encoding.GB18030}


@dataclass(frozen=True, slots=True)
class DbfColumn:
    """A column: `type` is the letter that the format gives it."""

    name: str
    type: bytes
    length: int

    @property
    def is_here(self) -> bool:
        """Tell whether its values stand in this file."""
        return self.type not in _ELSEWHERE and (self.type != b"B" or self.length == _DOUBLE_LENGTH)


@dataclass(frozen=True, slots=True)
class DbfHeader:
    """What the header says; `length` is its own, `code_page` the encoding where it names one that is read here."""

    records: int
    length: int
    record_length: int
    code_page: Encoding | None
    columns: tuple[DbfColumn, ...]
    record_format: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that are read."""
        return tuple(column.name for column in self.columns)


def is_dbf(head: bytes) -> bool:
    """Tell whether a file begins as a table does: a known version, a day, lengths that can be."""
    if len(head) < _HEAD.size + _COLUMN.size or head[0] not in _VERSIONS:
        return False
    _, _, length, record_length, _ = _HEAD.unpack_from(head)
    is_day = 1 <= head[2] <= 12 and 1 <= head[3] <= 31
    return is_day and length > _HEAD.size + _COLUMN.size and record_length > 1


def read_header(stream: ByteStream, limits: Limits) -> DbfHeader:
    """Return the header; raises SourceRefused where it is none, or does not agree with itself."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size or head[0] not in _VERSIONS:
        raise SourceRefused(SourceProblem.BROKEN)
    _, records, length, record_length, page = _HEAD.unpack(head)
    raw = stream.read(max(0, length - _HEAD.size))
    found = _columns(raw)
    if not found or record_length != 1 + sum(column.length for column in found) or record_length > limits.row_bytes:
        raise SourceRefused(SourceProblem.BROKEN)
    kept = [column for column in found if column.is_here]
    if len(kept) > limits.columns:
        raise SourceRefused(SourceProblem.TOO_MANY_COLUMNS)
    names = names_of([column.name for column in kept])
    return DbfHeader(
        records=records,
        length=length,
        record_length=record_length,
        code_page=_CODE_PAGES.get(page),
        columns=tuple(DbfColumn(name, old.type, old.length) for name, old in zip(names, kept, strict=True)),
        record_format="<x" + "".join(f"{column.length}{'s' if column.is_here else 'x'}" for column in found),
    )


def _columns(raw: bytes) -> list[DbfColumn]:
    columns: list[DbfColumn] = []
    for place in range(0, len(raw) - _COLUMN.size + 1, _COLUMN.size):
        if raw[place] == _END:
            return columns
        name, kind, length, decimals, _ = _COLUMN.unpack_from(raw, place)
        if kind not in _HERE + _ELSEWHERE or not length:
            raise SourceRefused(SourceProblem.BROKEN)
        if kind == b"C":
            length += decimals << 8  # Clipper and FoxPro: texts of more than 255 bytes
        columns.append(DbfColumn(name.split(b"\0")[0].decode(Encoding.GB18030, "replace"), kind, length))
    return columns
