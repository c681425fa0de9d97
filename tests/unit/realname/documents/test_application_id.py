"""The application id of the network identity: what is taken for one, and that it never shows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realname.documents.application_id import NETWORK_IDENTITY, ApplicationId, read_application_id
from realname.documents.document_number import DocumentType

TODAY = date(2026, 3, 1)
ID = "NzA4Yjk2/ZmQ3+Zg=="


@pytest.mark.parametrize("text", [ID, "0" * 16, "a" * 128, "urn.id_1-2.AAAAAAAA"])
def test_an_id_is_taken_as_it_came(text: str) -> None:
    """To the letter: two that differ in case are two persons."""
    found = read_application_id(text, today=TODAY)
    assert found == ApplicationId(text) and found is not None and found.canonical == text
    assert found != ApplicationId(text.swapcase()) or text == text.swapcase()


@pytest.mark.parametrize("value", ["", "a" * 15, "a" * 129, "a" * 16 + "\n", " " * 20, "é" * 20, None, 17, b"a" * 20])
def test_anything_else_is_none(value: object) -> None:
    assert read_application_id(value, today=TODAY) is None


@pytest.mark.parametrize("number", ["11010519491231002X", "11010519491231002x", "810000198808081112"])
def test_a_document_number_is_none(number: str) -> None:
    """Or the number itself would become a name by which the person is found."""
    assert read_application_id(number, today=TODAY) is None


@given(st.text(max_size=140))
def test_no_text_raises(text: str) -> None:
    found = read_application_id(text, today=TODAY)
    assert found is None or found.canonical == text


def test_it_is_no_document_and_shows_nothing() -> None:
    """Its kind is none of a document's, so nothing that reads documents reads it; no repr tells it."""
    assert NETWORK_IDENTITY not in set(DocumentType) and ApplicationId(ID).type == NETWORK_IDENTITY
    assert ID not in repr(ApplicationId(ID)) and ID not in str(ApplicationId(ID))
