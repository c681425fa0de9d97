"""Unified social credit codes (GB 32100-2015)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from realname.documents.credit_code import (
    CreditCode,
    CreditCodeProblem,
    CreditCodeWarning,
    parse_credit_code,
)
from tests.unit.realname.documents.numbers import any_text

VECTORS = ["91110000600037341L", "91110000101623741K", "911101066976941872"]
FAILS_THE_CHECK = "91350211M0000XUF46"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", VECTORS)
def test_reference_vectors_are_accepted_without_a_warning(code: str) -> None:
    """Both check characters of these codes are right."""
    result = parse_credit_code(code)
    assert result == Ok(CreditCode(code, code[:2], code[2:8], code[8:17]))


@pytest.mark.parametrize("text", ["91110000600037341l", "９１１１００００ 600037341Ｌ", "9111 0000 6000 3734 1L"])
def test_ways_of_typing_fold_to_one_form(text: str) -> None:
    """Lower case, full width and spaces are forgiven."""
    result = parse_credit_code(text)
    assert isinstance(result, Ok)
    assert result.value.canonical == "91110000600037341L"


def test_a_failed_check_is_refused_unless_the_register_vouches() -> None:
    """Codes in use exist that fail the check character; an answer of the register outweighs it."""
    assert parse_credit_code(FAILS_THE_CHECK) == Refused(CreditCodeProblem.CHECK_CHARACTER)
    result = parse_credit_code(FAILS_THE_CHECK, confirmed_by_register=True)
    assert isinstance(result, Ok)
    assert CreditCodeWarning.CHECK_CHARACTER in result.value.warnings


def test_an_unknown_kind_and_a_wrong_organisation_code_are_warnings() -> None:
    """What GB 32100 and GB 11714 do not list is accepted with a word of doubt."""
    result = parse_credit_code("991100006000373420", confirmed_by_register=True)
    assert isinstance(result, Ok)
    assert CreditCodeWarning.UNKNOWN_KIND in result.value.warnings
    assert CreditCodeWarning.ORGANISATION_CODE in result.value.warnings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", CreditCodeProblem.EMPTY),
        ("　", CreditCodeProblem.EMPTY),
        ("9111000060003734", CreditCodeProblem.LENGTH),
        ("9" * 100_000, CreditCodeProblem.LENGTH),
        ("9111000060003734IL", CreditCodeProblem.CHARACTERS),
        ("9111000O600037341L", CreditCodeProblem.CHARACTERS),
        ("9111A000600037341L", CreditCodeProblem.CHARACTERS),
        ("91110000600037341\u00d7", CreditCodeProblem.CHARACTERS),
    ],
)
def test_other_texts_are_refused_even_if_vouched_for(text: str, problem: CreditCodeProblem) -> None:
    """The register may outweigh the check character, not the form."""
    assert parse_credit_code(text, confirmed_by_register=True) == Refused(problem)


@given(st.sampled_from(VECTORS), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_refused(code: str, place: int, char: str) -> None:
    """The modulus is prime and no weight is its multiple, so every single substitution shows."""
    wrong = code[:place] + char + code[place + 1 :]
    if wrong != code:
        assert isinstance(parse_credit_code(wrong), Refused)


@given(any_text | st.text(alphabet=ALPHABET, min_size=18, max_size=18), st.booleans())
def test_no_text_makes_it_raise(text: str, confirmed: bool) -> None:
    """Any text is answered, and an accepted code parses to itself."""
    result = parse_credit_code(text, confirmed_by_register=confirmed)
    if isinstance(result, Ok):
        assert parse_credit_code(result.value.canonical, confirmed_by_register=confirmed) == result
