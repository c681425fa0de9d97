"""What the values of a column look like, whatever it is called."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from idp.linking.columns import Field
from idp.linking.date_formats import guess_format
from realname.documents.folding import fold_number

# What older systems write between the digits of a number, or before them.
_AROUND = {ord(char): None for char in "-'\"\u200b\u200c\u200d\ufeff\t\u00a0（）()"}
_NUMBER = re.compile(
    r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
    r"|[1-9][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
)
_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9][0-9]{9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_HAN = r"[\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]"
_NAME = re.compile(rf"{_HAN}[ \u3000]?{_HAN}{{1,3}}|{_HAN}{{1,15}}[·•．‧・.]{_HAN}{{1,15}}")
_ORGANISATION = re.compile(rf".*(?:公司|集团|单位|中心|学校|医院|委员会|合作社|事务所|工厂|{_HAN}厂|{_HAN}局|{_HAN}店)")
_ADDRESS = re.compile(rf"{_HAN}.*(?:省|市|区|县|镇|乡|村|路|街).*[0-9].*")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_STORED_PASSWORD = re.compile(
    r"[0-9a-f]{16}|[0-9A-F]{16}|[0-9a-f]{32}|[0-9A-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}"
    r"|\{[A-Za-z0-9-]+\}.+|\$[0-9a-z]+\$.+|[A-Za-z0-9+/]{11}=|[A-Za-z0-9+/]{22}=="
)
# What systems number their accounts by: a few letters, perhaps, and digits.
_COUNTED = re.compile(r"[A-Za-z]{0,5}[0-9]+")
_SALT = re.compile(r"[0-9A-Za-z]{4,16}")
_GENDERS = frozenset({"男", "女", "m", "f", "male", "female", "1", "2", "0", "9", "男性", "女性"})

#: The shapes that tell a field by themselves.
TELLING: Mapping[Field, Callable[[str], bool]] = {
    Field.NUMBER: lambda value: _NUMBER.fullmatch(bare(value)) is not None,
    Field.MOBILE: lambda value: _MOBILE.fullmatch(bare(value)) is not None,
    Field.EMAIL: lambda value: _EMAIL.fullmatch(value) is not None,
    Field.NAME: lambda value: _NAME.fullmatch(value.strip()) is not None,
    Field.ORGANISATION: lambda value: _ORGANISATION.fullmatch(value) is not None,
    Field.ADDRESS: lambda value: len(value) > 7 and _ADDRESS.fullmatch(value) is not None,
    Field.ORGANISATION_CODE: lambda value: (
        _CREDIT_CODE.fullmatch(value) is not None and _NUMBER.fullmatch(value) is None
    ),
    Field.PASSWORD: lambda value: _STORED_PASSWORD.fullmatch(value) is not None and not value.isdecimal(),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The values of one column: the share of those filled that have each telling shape, and more about them."""

    shares: Mapping[Field, float]
    date_format: str | None
    filled: float
    is_unique: bool
    is_counted: bool
    could_be_gender: bool
    could_be_salt: bool


def shape_of(values: Sequence[str]) -> Shape:
    """Return what a column's values look like; `values` has one for each row."""
    filled = [value for value in values if value.strip()]
    distinct = set(filled)
    date = guess_format(filled)
    count = max(1, len(filled))
    shares = {each: sum(map(has_shape, filled)) / count for each, has_shape in TELLING.items()}
    return Shape(
        shares=shares,
        date_format=date[0] if date else None,
        filled=len(filled) / max(1, len(values)),
        is_unique=len(filled) > 2 and len(distinct) == len(values),
        is_counted=bool(filled) and all(_COUNTED.fullmatch(value) for value in distinct),
        could_be_gender=bool(filled)
        and {value.strip().lower() for value in distinct} <= _GENDERS
        and len(distinct) > 1,
        could_be_salt=len(filled) > 2
        and len(set(map(len, filled))) == 1
        and len(distinct) > 0.9 * len(filled)
        and all(_SALT.fullmatch(value) for value in distinct)
        and not all(_COUNTED.fullmatch(value) for value in distinct),
    )


def bare(value: str) -> str:
    """Return a number or mobile without what people put around and between its digits."""
    return fold_number(value.translate(_AROUND))


def birth_in_number(value: str) -> str | None:
    """Return the day YYYYMMDD, or YYMMDD, that a number names; None where it is no number."""
    number = bare(value)
    if _NUMBER.fullmatch(number) is None:
        return None
    return number[6:14] if len(number) == 18 else number[6:12]


def is_male_in_number(value: str) -> bool | None:
    """Return whether a number is a man's; None where it is no number."""
    number = bare(value)
    if _NUMBER.fullmatch(number) is None:
        return None
    return int(number[16] if len(number) == 18 else number[14]) % 2 == 1
