"""What a card's chip says: its text block read field by field, and the reasons for which it is not believed.

A chip's text carries no signature, so this room only says whether it is a text that such a card can have and that
agrees with itself. Whether a card was there at all is what an enrolled reader signs (`connectors/devices`).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from idp.core.results import Ok, Refused
from realname.documents.birth_date import read_birth_date
from realname.documents.card_layouts import BLOCK_LENGTH, FLAG, LAYOUTS, Layout
from realname.documents.document_number import DocumentNumber, Sex
from realname.documents.parse import parse_number

_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_LONG_TERM = "长期"  # 居民身份证法 art. 5: from 46 years on
# GB/T 2261.1: 0 is unknown and 9 is not stated.
_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE, "0": None, "9": None}
# Control, surrogate, formatting, line and paragraph separators: none of them can stand in a printed name.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Cf", "Zl", "Zp"})
_MONGOLIAN_VOWEL_SEPARATOR = "\u180e"


class CardProblem(StrEnum):
    """Why a card's text is not taken."""

    LENGTH = "length"
    LAYOUT = "layout"
    CHARACTERS = "characters"
    NAME = "name"  # there is none
    NUMBER = "number"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    DATES = "dates"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CardText:
    """What is read from a card; nothing of it is in its repr.

    `name` is as on the chip: the Chinese one, or the Latin one of a foreigner who has no other. With
    `name_may_be_cut` the field was full, so the real name may be longer; with `has_private_use` a character has no
    meaning outside the office that gave it, and another one may look the same. `sex` is None where a foreigner's
    card leaves it open. `valid_until` is None for a card without end. `replacements` (换证次数) and `previous`
    (既往证件关联) are what the cards of 2023 say about earlier ones, unread.
    """

    number: DocumentNumber = field(repr=False)
    name: str = field(repr=False)
    latin_name: str | None = field(repr=False)
    name_may_be_cut: bool
    has_private_use: bool
    sex: Sex | None = field(repr=False)
    birth_date: date = field(repr=False)
    valid_from: date = field(repr=False)
    valid_until: date | None = field(repr=False)
    replacements: str | None = field(repr=False)
    previous: str | None = field(repr=False)


class _Bad(Exception):
    """Ends the reading; never leaves this file."""

    def __init__(self, problem: CardProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def read_card(block: bytes, *, today: date) -> Ok[CardText] | Refused:
    """Return what the 256 bytes of text say, or a `CardProblem`; never raises.

    `today` is the civil day: a card counts through its last day and not before its first.
    """
    if len(block) != BLOCK_LENGTH:
        return Refused(CardProblem.LENGTH)
    # A broken flag is a layout that nobody knows.
    layout = LAYOUTS.get(block[FLAG].decode("utf-16-le", "replace"))
    if layout is None:
        return Refused(CardProblem.LAYOUT)
    try:
        return Ok(_read(block, layout, today))
    except _Bad as bad:
        return Refused(bad.problem)


def _read(block: bytes, layout: Layout, today: date) -> CardText:
    chinese, chinese_cut = _read_name(block, layout.chinese_name)
    latin, latin_cut = _read_name(block, *layout.latin_name)
    name = chinese or latin
    if not name:
        raise _Bad(CardProblem.NAME)
    number = _read_number(block, layout, today)
    sex = _read_sex(block, layout, number)
    birth_date = _read_birth_date(block, layout, number, today)
    valid_from, valid_until = _read_validity(block, layout, today)
    return CardText(
        number=number,
        name=name,
        latin_name=latin or None,
        name_may_be_cut=chinese_cut if chinese else latin_cut,
        has_private_use=any(unicodedata.category(char) == "Co" for char in name),
        sex=sex,
        birth_date=birth_date,
        valid_from=valid_from,
        valid_until=valid_until,
        replacements=_optional(block, layout.replacements),
        previous=_optional(block, layout.previous),
    )


def _read_name(block: bytes, *places: slice) -> tuple[str, bool]:
    """Return the name in these places, empty for none, and whether it fills them to the last unit."""
    raw = b"".join(block[place] for place in places)
    is_full = bool(raw) and raw[-2:] != b" \0"
    # A character of planes above the first takes two units, and a cut name may end between them.
    if is_full and 0xD8 <= raw[-1] <= 0xDB:
        raw = raw[:-2]
    name = _decode(raw).strip(" ")
    if not all(_may_stand_on_card(char) for char in name):
        raise _Bad(CardProblem.CHARACTERS)
    return name, is_full


def _may_stand_on_card(char: str) -> bool:
    return char == _MONGOLIAN_VOWEL_SEPARATOR or unicodedata.category(char) not in _REFUSED_CATEGORIES


def _read_number(block: bytes, layout: Layout, today: date) -> DocumentNumber:
    text = _text(block, layout.number)
    parsed = parse_number(text, today=today)
    # What people type is forgiven spaces and widths; a chip has the number as the police wrote it.
    if not isinstance(parsed, Ok) or parsed.value.canonical != text:
        raise _Bad(CardProblem.NUMBER)
    if parsed.value.type is not layout.type or len(text) != layout.number_length:  # another card's
        raise _Bad(CardProblem.NUMBER)
    return parsed.value


def _read_sex(block: bytes, layout: Layout, number: DocumentNumber) -> Sex | None:
    code = _text(block, layout.sex)
    if code not in _SEXES or (number.sex is not None and _SEXES[code] is not number.sex):
        raise _Bad(CardProblem.SEX)
    return _SEXES[code]


def _read_birth_date(block: bytes, layout: Layout, number: DocumentNumber, today: date) -> date:
    digits = _text(block, layout.birth_date)
    day = read_birth_date(digits, today=today) if _EIGHT_DIGITS.fullmatch(digits) else None
    if day is None or number.birth_date not in (None, day):
        raise _Bad(CardProblem.BIRTH_DATE)
    # A foreigner's old number names no century, but month and day, and the year within one.
    if number.birth_date is None and digits[2:] != number.canonical[7:13]:
        raise _Bad(CardProblem.BIRTH_DATE)
    return day


def _read_validity(block: bytes, layout: Layout, today: date) -> tuple[date, date | None]:
    first = _read_day(_text(block, layout.valid_from))
    end = _text(block, layout.valid_until)
    last = None if end == _LONG_TERM else _read_day(end)
    if last is not None and last < first:
        raise _Bad(CardProblem.DATES)
    if today < first:
        raise _Bad(CardProblem.NOT_YET_VALID)
    if last is not None and last < today:
        raise _Bad(CardProblem.EXPIRED)
    return first, last


def _read_day(digits: str) -> date:
    if not _EIGHT_DIGITS.fullmatch(digits):
        raise _Bad(CardProblem.DATES)
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _Bad(CardProblem.DATES) from None


def _optional(block: bytes, place: slice | None) -> str | None:
    text = _text(block, place) if place is not None else ""
    if not all(_may_stand_on_card(char) for char in text):
        raise _Bad(CardProblem.CHARACTERS)
    return text or None


def _text(block: bytes, place: slice) -> str:
    return _decode(block[place]).strip(" ")


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-16-le")
    except UnicodeDecodeError:  # a lone surrogate
        raise _Bad(CardProblem.CHARACTERS) from None
