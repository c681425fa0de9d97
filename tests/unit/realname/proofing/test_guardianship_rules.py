"""Who may be a guardian, of whom, and until when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.clock import civil_date, start_of
from idp.persons.vocabulary import MandateScope
from realname.documents.birth_date import birthday, civil_age
from realname.proofing.guardianship import Adult, GuardianProblem, is_minor, problem_of, scopes_of

TODAY = date(2026, 3, 2)
PARENT = Adult(is_active=True, has_current_number=True, ial=2, birth_date=date(1990, 1, 15))


def test_an_adult_whose_own_number_was_proved_may_be_a_guardian() -> None:
    """The accepting case beside the refusals below."""
    assert problem_of(PARENT, TODAY) is None
    assert problem_of(replace(PARENT, birth_date=date(2008, 3, 2)), TODAY) is None


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"is_active": False}, GuardianProblem.NOT_ACTIVE),
        ({"ial": 1}, GuardianProblem.NOT_PROVED),
        ({"has_current_number": False}, GuardianProblem.NOT_PROVED),
        ({"birth_date": date(2008, 3, 3)}, GuardianProblem.NOT_ADULT),
        ({"birth_date": None}, GuardianProblem.NOT_ADULT),
    ],
)
def test_nobody_else_may(changed: dict[str, object], problem: GuardianProblem) -> None:
    """Suspended or dead, not proved, or not an adult to the day: no guardian."""
    assert problem_of(replace(PARENT, **changed), TODAY) is problem  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("born", "minor"),
    [(date(2008, 3, 3), True), (date(2008, 3, 2), False), (None, False), (date(2026, 3, 3), False)],
)
def test_a_minor_is_below_18_to_the_day(born: date | None, minor: bool) -> None:
    """Nobody is a minor whose birth is not known or lies ahead."""
    assert is_minor(born, TODAY) is minor


def test_a_child_has_two_ends_and_a_youth_one() -> None:
    """The account ends at 14, the guardian at 18; what is over is not given any more."""
    assert scopes_of(date(2020, 5, 1), TODAY) == {
        MandateScope.ACCOUNT: date(2034, 5, 1),
        MandateScope.GUARDIAN: date(2038, 5, 1),
    }
    assert scopes_of(date(2012, 3, 3), TODAY)[MandateScope.ACCOUNT] == date(2026, 3, 3)
    assert scopes_of(date(2012, 3, 2), TODAY) == {MandateScope.GUARDIAN: date(2030, 3, 2)}
    assert scopes_of(date(2008, 3, 2), TODAY) == {}


def test_a_birthday_of_29_february_is_1_march_where_the_day_is_missing() -> None:
    """The later of the two readings, so that nothing that protects a child ends a day early."""
    assert birthday(date(2012, 2, 29), 14) == date(2026, 3, 1)
    assert birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)


@given(st.dates(min_value=date(1850, 1, 1), max_value=date(2080, 1, 1)), st.integers(0, 100))
def test_a_birthday_is_the_first_day_of_that_age(born: date, years: int) -> None:
    """One reading of ages in the whole house."""
    day = birthday(born, years)
    assert civil_age(born, day) == years
    if years:
        assert civil_age(born, day - timedelta(days=1)) == years - 1


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2080, 1, 1)), st.sampled_from([14, 18]))
def test_a_mandate_ends_with_the_evening_before_in_utc(born: date, years: int) -> None:
    """The day begins in China eight hours before it does in UTC: at 16:00 of the day before."""
    end = start_of(birthday(born, years))
    assert end.tzinfo is UTC
    assert civil_age(born, civil_date(end)) == years
    assert civil_age(born, civil_date(end - timedelta(seconds=1))) == years - 1
    assert end == datetime.combine(birthday(born, years), datetime.min.time(), UTC) - timedelta(hours=8)
