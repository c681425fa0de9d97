"""Whose a number is where more than one person proved it: one pure rule."""

from collections.abc import Iterable
from enum import StrEnum


class Contest(StrEnum):
    """What becomes of a number that is proved now."""

    NONE = "none"  # nobody else proved it
    DISPLACES = "displaces"  # the others proved less
    DISPUTED = "disputed"  # another proved as much: nobody has it until a counter decides
    STANDS_BACK = "stands_back"  # another proved more: this one raises nobody


def settle(level: int, others: Iterable[int], *, is_decided: bool = False) -> Contest:
    """Return what a fresh proofing of `level` does beside those that others made of the same number.

    Only a strictly higher one displaces: of two equal ones the later must not win, or the last impostor would.
    `is_decided` says that two clerks looked at this very question; that is more than any one proofing.
    """
    highest = max(others, default=None)
    if highest is None:
        return Contest.NONE
    if level > highest or (is_decided and level == highest):
        return Contest.DISPLACES
    return Contest.DISPUTED if level == highest else Contest.STANDS_BACK
