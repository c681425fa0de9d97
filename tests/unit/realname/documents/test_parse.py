"""The one parse function: which texts are numbers, of which type, and that nothing makes it raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from realname.documents.document_number import DocumentNumber, DocumentProblem, DocumentType
from realname.documents.parse import MAX_TYPED_LENGTH, parse_number
from tests.unit.realname.documents.numbers import (
    TODAY,
    any_text,
    eighteen_character_numbers,
    foreigner_numbers,
    make_resident_number,
    permit_numbers,
    resident_numbers,
)


def accepted(text: str) -> DocumentNumber:
    result = parse_number(text, today=TODAY)
    assert isinstance(result, Ok)
    return result.value


def refused(text: str) -> DocumentProblem:
    result = parse_number(text, today=TODAY)
    assert isinstance(result, Refused)
    return DocumentProblem(result.reason)


@pytest.mark.parametrize(
    ("number", "type_"),
    [
        ("11010519491231002X", DocumentType.RESIDENT_ID),
        ("440308199901101512", DocumentType.RESIDENT_ID),
        ("810000199408230021", DocumentType.HMT_RESIDENCE_PERMIT),
        ("830000199201300022", DocumentType.HMT_RESIDENCE_PERMIT),
        ("932682198501010017", DocumentType.FOREIGNER_PERMANENT_RESIDENCE),
        ("KAZ110090123105", DocumentType.FOREIGNER_PERMANENT_RESIDENCE),
        ("H12345678", DocumentType.HK_MACAO_TRAVEL_PERMIT),
        ("M12345678", DocumentType.HK_MACAO_TRAVEL_PERMIT),
        ("12345678", DocumentType.TAIWAN_TRAVEL_PERMIT),
    ],
)
def test_reference_vectors_are_accepted_with_their_type(number: str, type_: DocumentType) -> None:
    """A sound number keeps its characters and its form alone decides the type."""
    document = accepted(number)
    assert (document.canonical, document.type) == (number, type_)
    assert not document.warnings
    assert not document.needs_review
    assert not document.upgraded


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        " 11010519491231002X ",
        "110105 19491231 002X",
        "\u3000110105\u300019491231\u3000002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５19491231００２ｘ",
    ],
)
def test_ways_of_typing_fold_to_one_canonical_form(text: str) -> None:
    """Spaces, full-width characters and a small x are forgiven."""
    assert accepted(text).canonical == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", DocumentProblem.EMPTY),
        (" \u3000 ", DocumentProblem.EMPTY),
        ("1", DocumentProblem.LENGTH),
        ("1" * 17, DocumentProblem.LENGTH),
        ("1" * 19, DocumentProblem.LENGTH),
        ("1" * (MAX_TYPED_LENGTH + 1), DocumentProblem.LENGTH),
        ("1" * 100_000, DocumentProblem.LENGTH),
        ("110105-19491231-002X", DocumentProblem.CHARACTERS),
        ("11010519491231002X\n", DocumentProblem.CHARACTERS),
        ("11010519491231002\u00d7", DocumentProblem.CHARACTERS),
        ("1101051949123100XX", DocumentProblem.CHARACTERS),
        ("11010519491231002A", DocumentProblem.CHARACTERS),
        ("11010519491231X", DocumentProblem.CHARACTERS),
        ("91110000600037341L", DocumentProblem.CHARACTERS),
        ("A12345678", DocumentProblem.CHARACTERS),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", DocumentProblem.CHARACTERS),
        ("𝟏𝟏𝟎𝟏𝟎𝟓𝟏𝟗𝟒𝟗𝟏𝟐𝟑𝟏𝟎𝟎𝟐X", DocumentProblem.CHARACTERS),
        ("身份证", DocumentProblem.CHARACTERS),
        ("🪪", DocumentProblem.CHARACTERS),
        ("\x00", DocumentProblem.CHARACTERS),
        ("\ud800", DocumentProblem.CHARACTERS),
        ("H1234567(8)", DocumentProblem.CHARACTERS),
        (make_resident_number(division="010105"), DocumentProblem.NOT_A_DOCUMENT),
        ("010105900307123", DocumentProblem.NOT_A_DOCUMENT),
        ("932682850101001", DocumentProblem.NOT_A_DOCUMENT),
        ("810000940823002", DocumentProblem.NOT_A_DOCUMENT),
    ],
)
def test_other_texts_are_refused_with_a_reason(text: str, problem: DocumentProblem) -> None:
    """What is no number is refused, and the reason says what to look at."""
    assert refused(text) is problem


@given(eighteen_character_numbers)
def test_every_valid_number_parses_to_itself_and_again(number: str) -> None:
    """Parsing is the identity on canonical numbers."""
    document = accepted(number)
    assert document.canonical == number
    assert not document.warnings
    assert accepted(document.canonical) == document


@given(resident_numbers, permit_numbers, foreigner_numbers)
def test_the_prefix_decides_the_type(resident: str, permit: str, foreigner: str) -> None:
    """No number of one kind of document is taken for another kind."""
    assert accepted(resident).type is DocumentType.RESIDENT_ID
    assert accepted(permit).type is DocumentType.HMT_RESIDENCE_PERMIT
    assert accepted(foreigner).type is DocumentType.FOREIGNER_PERMANENT_RESIDENCE


@given(eighteen_character_numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_refused(number: str, place: int, char: str) -> None:
    """ISO 7064 MOD 11-2 catches every single substitution."""
    wrong = number[:place] + char + number[place + 1 :]
    if wrong != number:
        refused(wrong)


@given(eighteen_character_numbers, st.integers(0, 16))
def test_two_neighbours_swapped_are_refused(number: str, place: int) -> None:
    """ISO 7064 MOD 11-2 catches every swap of neighbours that differ."""
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if wrong != number:
        refused(wrong)


@given(any_text | st.text(alphabet="0123456789XxHM \u3000１Ａ", max_size=20))
def test_no_text_makes_it_raise(text: str) -> None:
    """Any text is answered, and an accepted one yields a canonical that parses to the same."""
    result = parse_number(text, today=TODAY)
    if isinstance(result, Ok):
        again = accepted(result.value.canonical)
        assert (again.type, again.canonical) == (result.value.type, result.value.canonical)
    else:
        assert isinstance(result.reason, DocumentProblem)
