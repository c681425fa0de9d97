"""The made-up people whom a simulated verification service knows, and what it takes for a number or a name."""

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")
_MOBILE = re.compile(r"1[0-9]{10}")
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·\s'-]){0,31}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the register; the dates are those of the card, YYYYMMDD, 00000000 for 长期."""

    number: str
    name: str
    mobile: str = ""
    valid_from: str = "20200101"
    valid_until: str = "00000000"


class People:
    """The register: who has a number, who holds a mobile."""

    def __init__(self, people: list[Person]) -> None:
        self._by_number = {person.number: person for person in people}
        self._by_mobile = {person.mobile: person for person in people if person.mobile}

    def with_number(self, number: str) -> Person | None:
        """Return who has the number."""
        return self._by_number.get(number)

    def with_mobile(self, mobile: str) -> Person | None:
        """Return who holds the mobile."""
        return self._by_mobile.get(mobile)

    def other_than(self, number: str) -> Person | None:
        """Return somebody who has another number."""
        return next((person for person in self._by_number.values() if person.number != number), None)


def is_number(text: str) -> bool:
    """Tell whether it is of eighteen characters with the right check character (GB 11643-1999)."""
    if _NUMBER.fullmatch(text) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17]


def is_mobile(text: str) -> bool:
    """Tell whether it is of eleven digits that begin with 1."""
    return _MOBILE.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Tell whether it is of letters and what may stand between them."""
    return _NAME.fullmatch(text) is not None
