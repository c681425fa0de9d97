"""Which character stands between the cells of a text, and whether its first row names the columns."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from connectors.legacy.csv_records import strict_reader

# In the order of preference where two do equally well. U+0001 is what Hive writes.
_DELIMITERS = (",", "\t", "|", ";", "^", "\x01")
_LOOKED_AT = 200
# Dates, numbers of documents, mobiles, digests: what fills cells and names no column.
_DATA = re.compile(r"[0-9 ./:+*TZ年月日-]{4,}[Xx]?|[0-9A-Fa-f]{16,}|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class DelimiterGuess:
    """A delimiter and a quote, the number of columns, and the share of rows that have as many."""

    delimiter: str
    quote: str
    width: int
    share: float


def guess_delimiter(text: str) -> DelimiterGuess | None:
    """Return what divides most rows of the text into equally many cells, or None where nothing does."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    best: DelimiterGuess | None = None
    for delimiter in _DELIMITERS:
        for quote in ('"', ""):
            guess = _try(lines, delimiter, quote)
            if guess is not None and (best is None or (guess.share, guess.width) > (best.share, best.width)):
                best = guess
    return best


def first_row_names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row reads like names: each cell filled and another one, and none like data."""
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    return all(first) and len(set(first)) == len(first) and not any(looks_like_data(cell) for cell in first)


def looks_like_data(cell: str) -> bool:
    """Tell whether a cell can hardly be the name of a column."""
    return _DATA.fullmatch(cell) is not None or cell.isdecimal()


def _try(lines: list[str], delimiter: str, quote: str) -> DelimiterGuess | None:
    reader = strict_reader((line + "\n" for line in lines), delimiter, quote)
    widths: Counter[int] = Counter()
    try:
        widths.update(len(row) for row in islice(reader, _LOOKED_AT) if row)
    except csv.Error:
        # A quote that divides nothing; the row where it happened counts against it.
        widths[0] += 1
    if not widths:
        return None
    width, rows = widths.most_common(1)[0]
    return DelimiterGuess(delimiter, quote, width, rows / widths.total()) if width > 1 else None
