"""What a clerk records at a counter, and which of it needs the eyes of a second one.

The card says who its holder is; that the person before the clerk is its holder, a clerk has to see. Whatever the card
alone does not settle is a doubt, and a doubt is settled by two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Comparison(StrEnum):
    """How the person was compared with the photograph on the card."""

    SEEN = "seen"  # by the clerk's own eyes
    MACHINE = "machine"  # by a machine at the counter, and the clerk agrees


class Doubt(StrEnum):
    """What the card does not settle."""

    NUMBER_CHANGED = "number_changed"  # the account was proved under another number
    CONTESTED = "contested"  # somebody else proved this number in person too
    NAME_CUT = "name_cut"  # the card's field is full, so the name goes on
    NAME_UNREADABLE = "name_unreadable"  # characters of private use, whose meaning no standard knows
    HOUSEHOLD_UNKNOWN = "household_unknown"  # nobody can say whether clerk and person live together
    DECEASED = "deceased"  # the register says that the holder died
    CARD_REPLACED = "card_replaced"  # the authority does not know this card as the valid one


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the card when a clerk decides."""

    has_other_number: bool
    #: The identity levels by which others proved the number.
    levels_of_others: tuple[int, ...]
    name_may_be_cut: bool
    has_private_use: bool
    #: None where a register should say and does not.
    shares_household: bool | None
    is_deceased: bool = False
    is_card_replaced: bool = False


@dataclass(frozen=True, slots=True)
class CounterComparison:
    """What a clerk saw, how, and who looked again; `note` is theirs, in words, and may name people."""

    device_id: str
    comparison: Comparison
    doubts: frozenset[Doubt]
    note: str = field(repr=False)
    compared_at: datetime
    second_person: str | None = None
    second_at: datetime | None = None


def doubts_of(circumstances: Circumstances, *, level: int) -> frozenset[Doubt]:
    """Return what a proofing of that identity level leaves open; empty where one clerk may settle it."""
    open_ = {
        Doubt.NUMBER_CHANGED: circumstances.has_other_number,
        Doubt.CONTESTED: _is_as_high(level, circumstances.levels_of_others),
        Doubt.NAME_CUT: circumstances.name_may_be_cut,
        Doubt.NAME_UNREADABLE: circumstances.has_private_use,
        Doubt.HOUSEHOLD_UNKNOWN: circumstances.shares_household is None,
        Doubt.DECEASED: circumstances.is_deceased,
        Doubt.CARD_REPLACED: circumstances.is_card_replaced,
    }
    return frozenset(doubt for doubt, is_open in open_.items() if is_open)


def continues(full_name: str, on_card: str) -> bool:
    """Tell whether a name that was typed goes on where the card's field ended."""
    return full_name.startswith(on_card) and len(full_name) >= len(on_card)


def _is_as_high(level: int, others: Iterable[int]) -> bool:
    return max(others, default=0) >= level
