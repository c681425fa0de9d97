"""Where the columns of fixed-width lines begin: where spaces end in every line, and where known shapes meet."""

import re
from collections import Counter
from dataclasses import dataclass

_LEAST_LINES, _LEAST_LENGTH = 3, 8
_SAME_LENGTH = 0.8
# Of the lines: a value that fills its column now and then hides the spaces behind it.
_BLANK, _SHAPED = 0.98, 0.9
# Numbers and digests are often damaged or missing.
_OFTEN = 0.6
_SPACE, _FIRST_WIDE = 0x20, 0x81
_DIGITS = frozenset(b"0123456789")
# What fills a column to its end, so that no space parts it from the next one: at its beginning, or at the end.
_HEADS = (
    re.compile(rb"[1-9][0-9]{5}(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx]"),
    re.compile(rb"(?:[0-9a-f]{64}|[0-9A-F]{64})"),
    re.compile(rb"(?:[0-9a-f]{40}|[0-9A-F]{40})"),
    re.compile(rb"(?:[0-9a-f]{32}|[0-9A-F]{32})"),
)
_TAIL = re.compile(rb"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$")

_DAY_LENGTH = 8


@dataclass(frozen=True, slots=True)
class WidthGuess:
    """The widths in bytes, and the share of lines that are as long as all of them together."""

    widths: tuple[int, ...]
    share: float


def guess_widths(lines: list[bytes]) -> WidthGuess | None:
    """Return where the columns may begin, or None where the lines differ in length.

    A guess to be corrected: two columns that are always full and of no known shape look like one.
    """
    lines = [line.removesuffix(b"\r") for line in lines if line.strip()]
    if len(lines) < _LEAST_LINES:
        return None
    length, count = Counter(map(len, lines)).most_common(1)[0]
    if count < _SAME_LENGTH * len(lines) or length < _LEAST_LENGTH:
        return None
    alike = [line for line in lines if len(line) == length]
    starts = _where_spaces_end(alike, length) | _where_digits_end(alike, length)
    for begin, end in list(zip(sorted(starts), [*sorted(starts)[1:], length], strict=True)):
        starts |= _inside([line[begin:end] for line in alike], begin)
    ordered = sorted(starts)
    widths = tuple(end - begin for begin, end in zip(ordered, [*ordered[1:], length], strict=True))
    return WidthGuess(widths, count / len(lines))


def _where_spaces_end(lines: list[bytes], length: int) -> set[int]:
    most = len(lines)
    blank = [sum(line[place] == _SPACE for line in lines) >= _BLANK * most for place in range(length)]
    return {0} | {place for place in range(1, length) if blank[place - 1] and not blank[place]}


def _where_digits_end(lines: list[bytes], length: int) -> set[int]:
    """Return where a number is followed by Chinese in nearly every line."""
    return {
        place
        for place in range(1, length)
        if sum(line[place - 1] in _DIGITS and line[place] >= _FIRST_WIDE for line in lines) >= _SHAPED * len(lines)
    }


def _inside(values: list[bytes], begin: int) -> set[int]:
    """Return where further columns begin in values that stand between two known places."""
    filled = [value for value in values if value.strip()]
    found: set[int] = set()
    if not filled:
        return found
    # The day first: its digits would be taken for those of a digest before it.
    length = len(filled[0])
    if length > _DAY_LENGTH and sum(_TAIL.search(value) is not None for value in filled) >= _SHAPED * len(filled):
        length -= _DAY_LENGTH
        found.add(begin + length)
    for shape in _HEADS:
        ends = [match.end() for value in filled if (match := shape.match(value[:length]))]
        if len(ends) >= _OFTEN * len(filled) and any(len(value[:length].rstrip()) > ends[0] for value in filled):
            found.add(begin + ends[0])
            break
    return found
