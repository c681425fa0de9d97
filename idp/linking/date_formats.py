"""The ways in which older systems write days and instants, and which of them some values are written in."""

from collections.abc import Sequence
from datetime import datetime

#: As for `strptime`. Where two fit all values, the earlier one is meant: months come before days in what is sold here.
PATTERNS = (
    "%Y%m%d",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M%SZ",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%Y%m",
    "%Y-%m",
)
_EARLIEST, _LATEST = 1850, 2100
_ENOUGH = 0.9
_LONGEST = 40
_PROBED = 5


def read_date(value: str, pattern: str) -> datetime | None:
    """Return the instant that a value names in that format, without a zone where it says none; None otherwise."""
    if len(value) > _LONGEST:
        return None
    try:
        found = datetime.strptime(value, pattern)  # noqa: DTZ007 - whose zone it is, the caller knows
    except ValueError:
        return None
    return found if _EARLIEST <= found.year <= _LATEST else None


def guess_format(values: Sequence[str]) -> tuple[str, float] | None:
    """Return the format in which most of the values are dates, and their share; None where they are none."""
    filled = [value.strip() for value in values if value.strip()]
    if not filled:
        return None
    best: tuple[str, float] | None = None
    for pattern in PATTERNS:
        # Most patterns fit none of the first values: a table may have hundreds of columns.
        if not any(_is_written_so(value, pattern) for value in filled[:_PROBED]):
            continue
        share = sum(_is_written_so(value, pattern) for value in filled) / len(filled)
        if share >= _ENOUGH and (best is None or share > best[1]):
            best = pattern, share
    return best


def _is_written_so(value: str, pattern: str) -> bool:
    found = read_date(value, pattern)
    # strptime takes 2012111 for a day; only what reads the same again is written so. Zones have several spellings.
    if found is None or "%z" in pattern or "%f" in pattern:
        return found is not None
    return len(value) >= 6 and (found.strftime(pattern) == value or not value.isascii() or "/" in value or "-" in value)
