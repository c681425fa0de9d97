"""Ages by the civil calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realname.documents.birth_date import civil_age, needs_guardian


@pytest.mark.parametrize(
    ("birth", "today", "age"),
    [
        (date(1990, 3, 7), date(1990, 3, 7), 0),
        (date(1990, 3, 7), date(2008, 3, 6), 17),
        (date(1990, 3, 7), date(2008, 3, 7), 18),
        (date(1990, 12, 31), date(2008, 1, 1), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_a_year_is_complete_on_the_birthday(birth: date, today: date, age: int) -> None:
    """Births of 29 February complete the year on 1 March where the day is missing."""
    assert civil_age(birth, today) == age


def test_a_day_before_the_birth_has_no_age() -> None:
    """Asking for it is a caller's mistake."""
    with pytest.raises(ValueError, match="before the birth"):
        civil_age(date(1990, 3, 7), date(1990, 3, 6))


@given(st.dates(min_value=date(1850, 1, 1), max_value=date(2100, 1, 1)), st.integers(0, 40_000))
def test_age_never_falls_and_grows_by_one_a_day_at_most(birth: date, days: int) -> None:
    """From one day to the next the age stays or grows by one."""
    today = birth + timedelta(days=days)
    assert civil_age(birth, today + timedelta(days=1)) - civil_age(birth, today) in (0, 1)


@pytest.mark.parametrize(
    ("born", "needed"), [(date(2012, 3, 3), True), (date(2012, 3, 2), False), (date(1990, 1, 1), False), (None, False)]
)
def test_a_child_under_14_needs_a_guardian(born: date | None, needed: bool) -> None:
    """Until the day before the fourteenth birthday (PIPL art. 31); a document without a birth date says nothing."""
    assert needs_guardian(born, date(2026, 3, 2)) is needed
