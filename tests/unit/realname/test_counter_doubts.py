"""What a card leaves open: each doubt alone, none without a reason, and what ends a dispute of equals."""

from dataclasses import replace

import pytest

from realname.proofing.contest import Contest, settle
from realname.proofing.counter import Circumstances, Doubt, continues, doubts_of

PLAIN = Circumstances(
    has_other_number=False,
    levels_of_others=(),
    name_may_be_cut=False,
    has_private_use=False,
    shares_household=False,
)


def test_a_plain_card_leaves_nothing_open() -> None:
    """One clerk settles it."""
    assert doubts_of(PLAIN, level=4) == frozenset()


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        ({"has_other_number": True}, Doubt.NUMBER_CHANGED),
        ({"levels_of_others": (2, 4)}, Doubt.CONTESTED),
        ({"name_may_be_cut": True}, Doubt.NAME_CUT),
        ({"has_private_use": True}, Doubt.NAME_UNREADABLE),
        ({"shares_household": None}, Doubt.HOUSEHOLD_UNKNOWN),
        ({"is_deceased": True}, Doubt.DECEASED),
        ({"is_card_replaced": True}, Doubt.CARD_REPLACED),
    ],
)
def test_each_doubt_has_its_own_reason(changed: dict[str, object], doubt: Doubt) -> None:
    """And takes a second clerk."""
    assert doubts_of(replace(PLAIN, **changed), level=4) == {doubt}  # type: ignore[arg-type]


def test_who_proved_less_of_a_number_is_no_doubt() -> None:
    """A strictly higher proof displaces without a second clerk."""
    assert doubts_of(replace(PLAIN, levels_of_others=(2, 3)), level=4) == frozenset()


def test_two_clerks_end_a_dispute_of_equals_and_nothing_less_does() -> None:
    """Without their decision both are disputed; what is lower stays lower all the same."""
    assert settle(4, [4]) is Contest.DISPUTED
    assert settle(4, [4], is_decided=True) is Contest.DISPLACES
    assert settle(3, [4], is_decided=True) is Contest.STANDS_BACK


@pytest.mark.parametrize(
    ("typed", "goes_on"), [("阿卜杜热依木", True), ("阿卜杜热依木·买买提", True), ("阿卜杜", False), ("王小明", False)]
)
def test_a_name_goes_on_where_the_card_ends(typed: str, goes_on: bool) -> None:
    """It may be longer, never another one."""
    assert continues(typed, "阿卜杜热依木") is goes_on
