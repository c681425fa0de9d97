"""Residence permits, foreigners' cards of both forms, and travel permits."""

from datetime import date

import pytest

from idp.core.results import Ok, Refused
from realname.documents.document_number import (
    DocumentNumber,
    DocumentProblem,
    DocumentType,
    DocumentWarning,
    Sex,
)
from realname.documents.parse import parse_number
from tests.unit.realname.documents.numbers import TODAY, make_foreigner_number, make_resident_number


def accepted(text: str, today: date = TODAY) -> DocumentNumber:
    result = parse_number(text, today=today)
    assert isinstance(result, Ok)
    return result.value


@pytest.mark.parametrize(
    ("number", "division", "birth", "sex"),
    [
        ("810000199408230021", "810000", date(1994, 8, 23), Sex.FEMALE),
        ("830000199201300022", "830000", date(1992, 1, 30), Sex.FEMALE),
        (make_resident_number("820000", "19780615", "005"), "820000", date(1978, 6, 15), Sex.MALE),
    ],
)
def test_residence_permits_are_read(number: str, division: str, birth: date, sex: Sex) -> None:
    """Hong Kong, Macao and Taiwan permits have the structure of a citizen's number."""
    document = accepted(number)
    assert document.type is DocumentType.HMT_RESIDENCE_PERMIT
    assert (document.division_code, document.birth_date, document.sex) == (division, birth, sex)


def test_a_permit_with_an_unknown_division_is_doubted() -> None:
    """Only 810000, 820000 and 830000 are issued; anything finer needs a look."""
    document = accepted(make_resident_number("810101"))
    assert document.type is DocumentType.HMT_RESIDENCE_PERMIT
    assert document.warnings == (DocumentWarning.UNKNOWN_DIVISION,)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("810000199408230022", DocumentProblem.CHECK_DIGIT),
        (make_resident_number("810000", "19940231"), DocumentProblem.BIRTH_DATE),
        ("932682198501010018", DocumentProblem.CHECK_DIGIT),
        (make_foreigner_number(birth="19851301"), DocumentProblem.BIRTH_DATE),
    ],
)
def test_unsound_permits_and_cards_are_refused(number: str, problem: DocumentProblem) -> None:
    """Birth date and check character are as strict as in a citizen's number."""
    assert parse_number(number, today=TODAY) == Refused(problem)


def test_a_card_of_the_new_form_is_read() -> None:
    """9, province, nationality, birth date, sequence, check; the sex is not told."""
    document = accepted("932682198501010017")
    assert document.type is DocumentType.FOREIGNER_PERMANENT_RESIDENCE
    assert (document.division_code, document.nationality) == ("32", "682")
    assert document.birth_date == date(1985, 1, 1)
    assert document.sex is None
    assert accepted(make_foreigner_number()) == document


def test_a_card_of_the_old_form_is_read() -> None:
    """The one known sample satisfies ICAO 7-3-1 and its year can only be 1990."""
    document = accepted("kaz110090123105")
    assert document.canonical == "KAZ110090123105"
    assert (document.nationality, document.division_code) == ("KAZ", "1100")
    assert document.birth_date == date(1990, 12, 31)
    assert not document.needs_review


def test_a_wrong_check_digit_of_the_old_form_is_a_warning() -> None:
    """The rule is known from samples only, so a mismatch goes to a human."""
    document = accepted("KAZ110090123106")
    assert document.warnings == (DocumentWarning.CHECK_DIGIT,)
    assert document.needs_review


def test_a_two_digit_year_of_either_century_gives_no_birth_date() -> None:
    """10 may be 1910 or 2010, and the room does not guess."""
    assert accepted("KAZ110010123103").birth_date is None


def test_a_leap_day_tells_the_century() -> None:
    """1900 had no 29 February, 2000 had."""
    assert accepted("KAZ110000022901").birth_date == date(2000, 2, 29)


def test_the_old_form_was_not_issued_to_people_born_after_it() -> None:
    """A birth after 2023-11-30 cannot be in a number of the old form."""
    assert accepted("KAZ110023120100").birth_date == date(1923, 12, 1)
    assert accepted("KAZ110023113000").birth_date is None


def test_an_old_card_without_a_real_day_is_refused() -> None:
    """In neither century is there a 13th month."""
    assert parse_number("KAZ110090133105", today=TODAY) == Refused(DocumentProblem.BIRTH_DATE)


@pytest.mark.parametrize(
    ("text", "canonical", "type_"),
    [
        ("h12345678", "H12345678", DocumentType.HK_MACAO_TRAVEL_PERMIT),
        ("H1234567801", "H12345678", DocumentType.HK_MACAO_TRAVEL_PERMIT),
        ("M1234567802", "M12345678", DocumentType.HK_MACAO_TRAVEL_PERMIT),
        ("1234567801", "12345678", DocumentType.TAIWAN_TRAVEL_PERMIT),
    ],
)
def test_a_renewed_travel_permit_is_the_same_person(text: str, canonical: str, type_: DocumentType) -> None:
    """The count of renewals is not part of the lifelong number."""
    document = accepted(text)
    assert (document.canonical, document.type) == (canonical, type_)
    assert document.birth_date is None and document.sex is None


@pytest.mark.parametrize("text", ["H1234567", "H123456789", "C12345678", "E12345678", "123456789", "12345678X"])
def test_passports_and_half_numbers_are_refused(text: str) -> None:
    """A passport's number alone names no person: it lacks the issuing state."""
    assert isinstance(parse_number(text, today=TODAY), Refused)
