"""What stands in the number column of a legacy row: a number, or which kind of none.

Far more is forgiven than where somebody types a number (`realname.documents.parse`), because nobody is there to be
asked; whether it is somebody's is decided by the pair with the name.
"""

import re
from calendar import isleap
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from idp.core.results import Ok
from idp.linking.vocabulary import NumberState
from realname.documents.document_number import DocumentNumber, DocumentType, Sex
from realname.documents.folding import fold_number
from realname.documents.parse import parse_number

#: What stands in cells instead of nothing.
MISSING_WORDS = frozenset(
    (
        "",
        "无",
        "不详",
        "未知",
        "待补",
        "暂无",
        "没有",
        "空",
        "n/a",
        "na",
        "null",
        "none",
        "\\n",
        "-",
        "--",
        "/",
        "0",
        "x",
    )
)
# Kinds of document by their codes and names; other codes are a system's own and say nothing here.
_RESIDENT_KINDS = frozenset({"", "01", "1", "身份证", "居民身份证", "公民身份号码", "户口簿", "111"})  # 111: GA/T 517
_OTHER_KIND = re.compile(
    r"护照|士兵|警官|通行证|台胞|回乡|军|签证|驾驶|passport|0?[2-9]|41[0-9]|11[4-9]|5[0-9]{2}", re.I
)

# Byte order mark, zero-width and directional characters, word joiner, tab, hyphens, dots and every kind of quote.
_NOISE = dict.fromkeys(
    map(
        ord,
        "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00a0\t-\u2010\u2011\u2012\u2013\u2014\uff0d'`\"\u2018\u2019\u201c\u201d",
    )
)
_FLOAT = re.compile(r"[1-9](?:\.[0-9]+)?E\+?1[0-9]|[0-9]{15,18}\.0*", re.I)
_MASK = re.compile(r"[*＊●#]|[xX]{3}")
_ALL_SAME = re.compile(r"([0-9])\1*X?")
_COUNTED = "12345678901234567890", "98765432109876543210"
_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,9}|.*字第.*")
_ROUND = re.compile(r"[0-9]{2,6}0{9,}")
# Whoever fills in a form for others: the first day of the last century, and the numbers of handbooks.
_FORM_FILLERS = re.compile(r"[0-9]{6}19000101.*|110101(?:19900101|19800101|19900307).*")
_FOUND_BY = frozenset(
    {DocumentType.RESIDENT_ID, DocumentType.HMT_RESIDENCE_PERMIT, DocumentType.FOREIGNER_PERMANENT_RESIDENCE}
)
_PROVINCES = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71)
_CHECKS = "10X98765432"  # GB 11643-1999
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class NumberRead:
    """What a cell holds; `number` where it is VALID, and then whether a human should look at it first."""

    state: NumberState
    number: DocumentNumber | None = field(default=None, repr=False)
    is_doubtful: bool = False


def read_number(text: str, document_type: str, *, today: date) -> NumberRead:
    """Return what the cell of a number holds, beside that of the document's kind; never raises."""
    bare = text.translate(_NOISE).strip()
    if bare.lower() in MISSING_WORDS:
        return NumberRead(NumberState.MISSING)
    if _FLOAT.fullmatch(bare):
        return NumberRead(NumberState.DAMAGED)
    if _MASK.search(bare):
        return NumberRead(NumberState.MASKED)
    folded = fold_number(bare)
    if _is_placeholder(folded):
        return NumberRead(NumberState.PLACEHOLDER)
    says_other = is_other_kind(document_type)
    parsed = parse_number(folded, today=today)
    if isinstance(parsed, Ok) and parsed.value.type in _FOUND_BY:
        # Fifteen digits have no check character: what is said to be another document may only look like it.
        if parsed.value.upgraded and says_other:
            return NumberRead(NumberState.OTHER_DOCUMENT)
        return NumberRead(NumberState.VALID, parsed.value, parsed.value.needs_review)
    if says_other or _PASSPORT.fullmatch(folded):
        return NumberRead(NumberState.OTHER_DOCUMENT)
    damaged = len(folded) == 18 and folded.isdigit() and folded.endswith("000")
    return NumberRead(NumberState.DAMAGED if damaged else NumberState.INVALID)


def is_other_kind(document_type: str) -> bool:
    """Tell whether the kind of document is said to be none that persons are found by."""
    kind = document_type.strip()
    return kind not in _RESIDENT_KINDS and _OTHER_KIND.search(kind) is not None


def _is_placeholder(folded: str) -> bool:
    if _ALL_SAME.fullmatch(folded) or _FORM_FILLERS.fullmatch(folded) or _ROUND.fullmatch(folded):
        return True
    return len(folded) >= 6 and any(row.startswith(folded) for row in _COUNTED)


class PlainNumbers:
    """Knows at sight the numbers that are as they should be, with nothing doubtful about them.

    What it does not know is `read_number`'s to judge; what it knows, that judges alike. It costs a twentieth.
    """

    __slots__ = ("_days", "_provinces", "_regions", "_sequences")

    def __init__(self, *, today: date) -> None:
        self._provinces = {f"{at:03}": _weigh(f"{at:03}", 0) for at in range(1000) if at // 10 in _PROVINCES}
        self._regions = {f"{at:03}": _weigh(f"{at:03}", 3) for at in range(1000)}
        self._sequences = {f"{at:03}": _weigh(f"{at:03}", 14) for at in range(1000)}
        self._days = _weighed_days(today)

    def canonical(self, text: str) -> str | None:
        """Return the citizen's number that the cell is, eighteen characters or fifteen; None for all others."""
        text = text.strip()
        if len(text) == 18:
            if text[17] == "x":
                text = text[:17] + "X"
            first = text
        elif len(text) == 15 and text[12:14] != "99":  # 996 to 999 were kept for people of a hundred years
            first = f"{text[:6]}19{text[6:]}"
        else:
            return None
        try:
            total = (
                self._provinces[first[:3]]
                + self._regions[first[3:6]]
                + self._days[first[6:14]]
                + self._sequences[first[14:17]]
            )
        except KeyError:
            return None
        check = _CHECKS[total % 11]
        if first.startswith("1101") and _FORM_FILLERS.match(first):
            return None
        if len(first) == 17:
            return first + check
        return first if check == first[17] else None


@lru_cache(maxsize=1)
def plain_numbers(today: date) -> PlainNumbers:
    """Return the numbers of a day; it takes a tenth of a second to list the days that one can be born on."""
    return PlainNumbers(today=today)


def sex_digit(canonical: str) -> Sex:
    """Return the sex that a citizen's number says."""
    return Sex.MALE if canonical[16] in "13579" else Sex.FEMALE


def _weighed_days(today: date) -> dict[str, int]:
    """Return every day from 1900-01-02, which is the first that is no form filler's, to today with its weight."""
    leap, days = date(2000, 1, 1), {}
    in_year = [f"{leap + timedelta(at):%m%d}" for at in range(366)]
    in_year_weighed = [(day, _weigh(day, 10)) for day in in_year]
    for year in range(1900, today.year + 1):
        weight = _weigh(str(year), 6)
        days.update({f"{year}{day}": weight + more for day, more in in_year_weighed})
        if not isleap(year):
            del days[f"{year}0229"]
    del days["19000101"]
    last = f"{today:%Y%m%d}"
    return {day: weight for day, weight in days.items() if day <= last}


def _weigh(digits: str, start: int) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[start:], strict=False))
