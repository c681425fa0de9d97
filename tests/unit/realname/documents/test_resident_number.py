"""Citizens' numbers (GB 11643-1999) and the upgrade of 15-digit ones (GB 11643-1989)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from realname.documents.document_number import (
    DocumentNumber,
    DocumentProblem,
    DocumentType,
    DocumentWarning,
    Sex,
)
from realname.documents.parse import parse_number
from tests.unit.realname.documents.numbers import (
    TODAY,
    check_character,
    make_resident_number,
    provinces,
)


def accepted(text: str, today: date = TODAY) -> DocumentNumber:
    result = parse_number(text, today=today)
    assert isinstance(result, Ok)
    return result.value


@pytest.mark.parametrize(
    ("number", "division", "birth", "sex"),
    [
        ("11010519491231002X", "110105", date(1949, 12, 31), Sex.FEMALE),
        ("440308199901101512", "440308", date(1999, 1, 10), Sex.MALE),
    ],
)
def test_the_parts_are_read(number: str, division: str, birth: date, sex: Sex) -> None:
    """Division, birth date and sex come from their places in the number."""
    document = accepted(number)
    assert (document.division_code, document.birth_date, document.sex) == (division, birth, sex)
    assert document.nationality is None


def test_the_helper_for_tests_makes_valid_numbers() -> None:
    """Made-up numbers of other tests are what this room accepts."""
    assert accepted(make_resident_number()).birth_date == date(1990, 3, 7)


@pytest.mark.parametrize("birth", ["19900230", "19901301", "19900100", "19900010", "00000101", "20230229", "18491231"])
def test_days_that_are_no_birth_dates_are_refused(birth: str) -> None:
    """The calendar must have the day, and it must not be absurdly long ago, whatever the check character."""
    assert parse_number(make_resident_number(birth=birth), today=TODAY) == Refused(DocumentProblem.BIRTH_DATE)


def test_births_count_up_to_today() -> None:
    """A child born today has a number; one born tomorrow has none."""
    assert accepted(make_resident_number(birth=TODAY.strftime("%Y%m%d"))).birth_date == TODAY
    tomorrow = (TODAY + timedelta(days=1)).strftime("%Y%m%d")
    result = parse_number(make_resident_number(birth=tomorrow), today=TODAY)
    assert result == Refused(DocumentProblem.BIRTH_DATE)


def test_leap_days_are_birth_dates() -> None:
    """29 February is accepted in leap years only."""
    assert accepted(make_resident_number(birth="20000229")).birth_date == date(2000, 2, 29)


@pytest.mark.parametrize("number", ["110105194912310021", "440308199901101513", "44030819990110151X"])
def test_a_wrong_check_character_is_refused(number: str) -> None:
    """The check character must fit (ISO 7064 MOD 11-2)."""
    assert parse_number(number, today=TODAY) == Refused(DocumentProblem.CHECK_DIGIT)


def test_a_division_younger_than_the_birth_is_accepted() -> None:
    """The code is that of the day of assignment: Chongqing's 50 (1997) stands before births of 1930."""
    document = accepted(make_resident_number(division="500101", birth="19300101"))
    assert not document.needs_review


@pytest.mark.parametrize("division", ["100000", "160101", "770101", "890101"])
def test_a_province_that_never_was_is_a_warning(division: str) -> None:
    """An unknown division is doubted, never refused."""
    document = accepted(make_resident_number(division=division))
    assert document.warnings == (DocumentWarning.UNKNOWN_DIVISION,)
    assert document.needs_review


def test_the_reference_vector_of_the_upgrade() -> None:
    """Fifteen digits get their century and their check character."""
    document = accepted("130503670401001")
    assert document.canonical == "130503196704010016"
    assert document.type is DocumentType.RESIDENT_ID
    assert document.birth_date == date(1967, 4, 1)
    assert document.upgraded
    assert not document.needs_review


@pytest.mark.parametrize("sequence", ["996", "997", "998", "999"])
def test_centenarian_sequences_mean_the_century_before_and_a_review(sequence: str) -> None:
    """Sequences 996-999 were for people over a hundred; a human must confirm the century."""
    document = accepted("110105880307" + sequence)
    assert document.birth_date == date(1888, 3, 7)
    assert document.warnings == (DocumentWarning.CENTURY_UNCERTAIN,)
    assert document.needs_review


def test_the_sequence_before_the_centenarians_is_ordinary() -> None:
    """995 means nothing special."""
    document = accepted("110105880307995")
    assert document.birth_date == date(1988, 3, 7)
    assert not document.needs_review


def test_a_centenarian_sequence_whose_old_century_cannot_be_is_read_as_19() -> None:
    """A birth in 1830 is impossible, so 1930 is taken, still for review."""
    document = accepted("110105300307996")
    assert document.birth_date == date(1930, 3, 7)
    assert document.needs_review


@pytest.mark.parametrize("number", ["110105000229001", "110105671332001", "110105670431001"])
def test_fifteen_digits_without_a_real_day_are_refused(number: str) -> None:
    """1900 had no 29 February; other days must exist too."""
    assert parse_number(number, today=TODAY) == Refused(DocumentProblem.BIRTH_DATE)


@given(
    provinces,
    st.dates(min_value=date(1900, 1, 1), max_value=date(1999, 12, 31)),
    st.integers(0, 995),
)
def test_every_upgrade_is_the_number_the_person_has_now(province: str, birth: date, sequence: int) -> None:
    """Old and new number of one person have one canonical form."""
    old = f"{province}0105{birth:%y%m%d}{sequence:03d}"
    body = f"{province}0105{birth:%Y%m%d}{sequence:03d}"
    new = accepted(body + check_character(body))
    upgraded = accepted(old)
    assert upgraded.canonical == new.canonical
    assert (upgraded.birth_date, upgraded.sex) == (new.birth_date, new.sex)
    assert upgraded.upgraded and not new.upgraded
