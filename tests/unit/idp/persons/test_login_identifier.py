"""One parse decides what was typed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from idp.persons.login_identifier import LoginNameProblem, parse_login_name, read_login_identifier
from idp.persons.vocabulary import ContactKind
from realname.documents.document_number import DocumentType

from .conftest import make_number

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "kind", "canonical"),
    [
        ("199 0000 0001", ContactKind.MOBILE, "+8619900000001"),
        ("+8619900000001", ContactKind.MOBILE, "+8619900000001"),
        ("Some.Body@Example.CN", ContactKind.EMAIL, "some.body@example.cn"),
        (make_number().canonical, DocumentType.RESIDENT_ID, make_number().canonical),
        ("H12345678", DocumentType.HK_MACAO_TRAVEL_PERMIT, "H12345678"),
        ("Clerk.One", ContactKind.LOGIN_NAME, "clerk.one"),
    ],
)
def test_each_kind_is_recognised(text, kind, canonical):
    """A text is looked up as the one thing that it is, in its canonical form."""
    identifier = read_login_identifier(text, today=TODAY)
    assert (identifier.kind, identifier.canonical) == (kind, canonical)


@pytest.mark.parametrize("text", ["", " ", "12", "测试", "a" * 5000, "\x00", "\ud800", "1990000000１a"])
def test_nonsense_has_no_kind(text):
    """What is nothing known is still an identifier, so that it costs the same, with no kind."""
    identifier = read_login_identifier(text, today=TODAY)
    assert identifier.kind is None
    assert len(identifier.canonical) <= 300


@given(st.text(max_size=400))
def test_no_text_raises(text):
    """Whatever is typed, the parse answers and its repr does not show it."""
    identifier = read_login_identifier(text, today=TODAY)
    assert repr(identifier).startswith("LoginIdentifier(contact=")


@pytest.mark.parametrize("text", ["abc", "clerk_one-2", " Clerk.One ", "a" * 32])
def test_login_names_are_accepted(text):
    """A login name starts with a letter and is kept in lower case."""
    assert parse_login_name(text) == Ok(text.strip().lower())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ab", LoginNameProblem.CHARACTERS),
        ("1abc", LoginNameProblem.CHARACTERS),
        ("a" * 33, LoginNameProblem.CHARACTERS),
        ("clerk one", LoginNameProblem.CHARACTERS),
        ("clerk\n", LoginNameProblem.CHARACTERS),
        ("ｃlerk", LoginNameProblem.CHARACTERS),
        ("\u212alerk", LoginNameProblem.CHARACTERS),
        ("h12345678", LoginNameProblem.LIKE_A_NUMBER),
        ("M1234567800", LoginNameProblem.LIKE_A_NUMBER),
        ("chn310177042710", LoginNameProblem.LIKE_A_NUMBER),
    ],
)
def test_login_names_are_refused(text, problem):
    """Other characters, and shapes that could be somebody's document number, are refused."""
    assert parse_login_name(text) == Refused(problem)
