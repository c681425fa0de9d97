"""Passwords that an older system gave out itself, or that anybody would try: they prove nothing.

Whoever knows a person's number, mobile or birthday knows the first password of half the older systems. Such a
password may be right, and the account may be shown by it; it is no proof that the account is this person's.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from idp.core.results import Ok
from idp.persons.password_policy import MAX_LENGTH, PasswordPolicy

_TAILS = (4, 6, 8)
_BIRTH_FORMS = ("%Y%m%d", "%y%m%d", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m", "%m%d")
_MAX_PATTERN = 100
_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::(-?)([0-9]{1,2}))?\}")
_FIELDS = frozenset(("number", "birth", "mobile", "login", "account_ref"))


class DefaultKind(StrEnum):
    """What a password was recognised as."""

    NUMBER = "number"
    BIRTH_DATE = "birth_date"
    MOBILE = "mobile"
    LOGIN = "login"
    ACCOUNT_REF = "account_ref"
    PATTERN = "pattern"
    COMMON = "common"


@dataclass(frozen=True, slots=True, repr=False)
class RowFacts:
    """What a row says of its holder, as written there; empty where it says nothing. Its repr shows none of it."""

    number: str = ""
    birth_date: date | None = None
    mobile: str = ""
    login: str = ""
    account_ref: str = ""

    def __repr__(self) -> str:
        return "RowFacts()"


class BadPattern(ValueError):
    """An initial-password pattern of the configuration cannot be read."""


class DefaultPasswords:
    """Recognises them; `patterns` are a system's own, such as `Zw@{number:-6}` or `{mobile:-4}2020`.

    A pattern is text with {number}, {birth} (as 19900307), {mobile}, {login} or {account_ref} in it; `:6` takes
    the first six characters, `:-6` the last. Raises BadPattern.
    """

    def __init__(self, *, blocklist: Collection[str], patterns: Sequence[str] = ()) -> None:
        # Lengths are no matter here: what is asked is whether others would guess it.
        self._common = PasswordPolicy(citizen_length=0, staff_length=0, blocklist=blocklist)
        self._patterns = tuple(patterns)
        for pattern in patterns:
            check_pattern(pattern)

    def kind_of(self, password: str, facts: RowFacts) -> DefaultKind | None:
        """Return what the password was recognised as, or None; case counts for nothing."""
        if len(password) > MAX_LENGTH:
            return None
        typed = password.casefold()
        for kind, likely in self.likely(facts):
            if typed == likely.casefold():
                return kind
        is_fit = isinstance(self._common.check(password, is_staff=False, context=()), Ok)
        return None if is_fit else DefaultKind.COMMON

    def likely(self, facts: RowFacts) -> Iterator[tuple[DefaultKind, str]]:
        """Yield what such systems gave as the first password of this row."""
        for number in _number_forms(facts.number):
            yield from _with_tails(DefaultKind.NUMBER, number)
        for born in _births(facts):
            yield from ((DefaultKind.BIRTH_DATE, born.strftime(form)) for form in _BIRTH_FORMS)
        for mobile in _mobile_forms(facts.mobile):
            yield from _with_tails(DefaultKind.MOBILE, mobile)
        if facts.login:
            yield DefaultKind.LOGIN, facts.login
        yield from _with_tails(DefaultKind.ACCOUNT_REF, facts.account_ref)
        for pattern in self._patterns:
            yield from ((DefaultKind.PATTERN, made) for made in _filled(pattern, facts))


def check_pattern(pattern: str) -> None:
    """Raise BadPattern unless every placeholder is known and something is left to match."""
    if not pattern or len(pattern) > _MAX_PATTERN:
        raise BadPattern(f"an initial-password pattern has 1 to {_MAX_PATTERN} characters")
    unknown = [field for field, _, _ in _PLACEHOLDER.findall(pattern) if field not in _FIELDS]
    rest = _PLACEHOLDER.sub("", pattern)
    if unknown or "{" in rest or "}" in rest:
        raise BadPattern(f"an initial-password pattern knows {', '.join(sorted(_FIELDS))} in braces")


def _with_tails(kind: DefaultKind, text: str) -> Iterator[tuple[DefaultKind, str]]:
    if text:
        yield kind, text
        yield from ((kind, text[-size:]) for size in _TAILS if len(text) > size)


def _number_forms(number: str) -> Iterator[str]:
    """Yield the number as written, the 15-digit form of 18, and both without what may be an X at the end."""
    written = "".join(number.split())
    if not written:
        return
    yield written
    if len(written) == 18:
        yield written[:-1]
        yield written[:6] + written[8:17]


def _births(facts: RowFacts) -> Iterator[date]:
    """Yield the row's birth date and that of its number: where they differ, either was the password."""
    if facts.birth_date is not None:
        yield facts.birth_date
    number = "".join(facts.number.split())
    digits = number[6:14] if len(number) == 18 else f"19{number[6:12]}" if len(number) == 15 else ""
    if digits.isascii() and digits.isdigit():
        try:
            born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            return
        if born != facts.birth_date:
            yield born


def _mobile_forms(mobile: str) -> Iterator[str]:
    digits = "".join(char for char in mobile if char.isascii() and char.isdigit())
    if digits:
        yield digits
    if len(digits) > 11:
        yield digits[-11:]


def _filled(pattern: str, facts: RowFacts) -> Iterator[str]:
    """Yield the pattern filled from the row, once for each date that its holder may be born on."""
    births: list[date | None] = [*_births(facts)]
    for born in births or [None]:
        values = {
            "number": next(_number_forms(facts.number), ""),
            "birth": born.strftime("%Y%m%d") if born else "",
            "mobile": "".join(list(_mobile_forms(facts.mobile))[-1:]),
            "login": facts.login,
            "account_ref": facts.account_ref,
        }
        if all(values[match[1]] for match in _PLACEHOLDER.finditer(pattern)):
            yield _put_in(pattern, values)


def _put_in(pattern: str, values: Mapping[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        value, sign, size = values[match[1]], match[2], match[3]
        if not size:
            return value
        return value[-int(size) :] if sign else value[: int(size)]

    return _PLACEHOLDER.sub(part, pattern)
