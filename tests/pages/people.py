"""What the walks type: made-up people, each used once."""

import itertools
from dataclasses import dataclass

_COUNT = itertools.count(1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999 §4.2
PASSWORD = "quiet-river-stone-42"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has no account yet."""

    number: str
    mobile: str
    name: str = "王小红"
    password: str = PASSWORD


def newcomer() -> Newcomer:
    """Return a newcomer whom this worker has not seen before."""
    count = next(_COUNT)
    body = f"11010519850101{count:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return Newcomer(body + "10X98765432"[total % 11], f"139001{count:05d}")
