"""The values of a DBF record as text, by the type of their column."""

import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.legacy.dbf_header import DbfColumn
from connectors.legacy.fixed_width import PADDING

_TRUE, _FALSE = b"TtYy", b"FfNn"
#: Day 2440588 of the Julian count is 1 January 1970.
_EPOCH_DAY = 2_440_588
_BINARY = {b"I": 4, b"+": 4, b"B": 8, b"Y": 8, b"T": 8}


def reader_of(column: DbfColumn, encoding: str) -> Callable[[bytes], str]:
    """Return what reads the column's values; it raises UnicodeDecodeError, or ValueError for a day that is none."""
    if column.length != _BINARY.get(column.type, column.length):
        return lambda value: value.decode(encoding).strip(PADDING)
    match column.type:
        case b"C" | b"V":
            return lambda value: value.decode(encoding).rstrip(PADDING)
        case b"L":
            return _logical
        case b"I" | b"+":
            return lambda value: str(int.from_bytes(value, "little", signed=True))
        case b"B":
            return lambda value: repr(struct.unpack("<d", value)[0])
        case b"Y":
            return lambda value: str(Decimal(int.from_bytes(value, "little", signed=True)).scaleb(-4))
        case b"T":
            return _instant
        case _:  # numbers and days are written in characters, numbers to the right
            return lambda value: value.decode(encoding).strip(PADDING)


def _logical(value: bytes) -> str:
    if value in _TRUE:
        return "true"
    return "false" if value in _FALSE else ""


def _instant(value: bytes) -> str:
    day, milliseconds = struct.unpack("<ii", value)
    if not day:
        return ""
    try:
        instant = datetime(1970, 1, 1) + timedelta(days=day - _EPOCH_DAY, milliseconds=milliseconds)  # noqa: DTZ001
    except OverflowError:
        raise ValueError("no such day") from None
    return instant.isoformat(sep=" ", timespec="seconds")
