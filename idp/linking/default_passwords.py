"""Passwords that an older system gave out itself, or that anybody would try: they prove nothing.

Whoever knows a person's number, mobile or birthday knows the first password of half the older systems. Such a
password may be right, and the account may be shown by it; it is no proof that the account is this person's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from idp.linking.contents import LegacyRow
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
    """Recognises them; what is common is what the password policy says is."""

    def __init__(self, *, policy: PasswordPolicy) -> None:
        self._policy = policy

    def kind_of(self, password: str, facts: RowFacts, *, patterns: Sequence[str] = ()) -> DefaultKind | None:
        """Return what the password was recognised as, or None; case counts for nothing.

        `patterns` are those of the row's system (see `check_pattern`).
        """
        if len(password) > MAX_LENGTH:
            return None
        typed = password.casefold()
        for kind, likely in likely_passwords(facts, patterns=patterns):
            if typed == likely.casefold():
                return kind
        return DefaultKind.COMMON if self._policy.is_common(password) else None


def likely_passwords(facts: RowFacts, *, patterns: Sequence[str] = ()) -> Iterator[tuple[DefaultKind, str]]:
    """Yield what older systems gave as the first password of such a row."""
    for number in _number_forms(facts.number):
        yield from _with_tails(DefaultKind.NUMBER, number)
    for born in _births(facts):
        yield from ((DefaultKind.BIRTH_DATE, born.strftime(form)) for form in _BIRTH_FORMS)
    for mobile in _mobile_forms(facts.mobile):
        yield from _with_tails(DefaultKind.MOBILE, mobile)
    if facts.login:
        yield DefaultKind.LOGIN, facts.login
    yield from _with_tails(DefaultKind.ACCOUNT_REF, facts.account_ref)
    for pattern in patterns:
        yield from ((DefaultKind.PATTERN, made) for made in _filled(pattern, facts))


def check_pattern(pattern: str) -> None:
    """Raise BadPattern unless it is a system's pattern of first passwords, such as `Zw@{number:-6}`.

    Text with {number}, {birth} (as 19900307), {mobile}, {login} or {account_ref} in it; `:6` takes the first six
    characters, `:-6` the last.
    """
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
    born = _date(digits) if digits.isascii() and digits.isdigit() else None
    if born is not None and born != facts.birth_date:
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


def facts_of(row: LegacyRow) -> RowFacts:
    """Return what a legacy row says that first passwords were made of."""
    digits = "".join(char for char in row.birth_date[:10] if char in "0123456789")
    return RowFacts(
        number=row.number,
        birth_date=_date(digits),
        mobile=row.mobile,
        login=row.login,
        account_ref=row.reference,
    )


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) if len(digits) == 8 else None
    except ValueError:
        return None
