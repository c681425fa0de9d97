"""The rule of the network identity: what an assertion proves of an account, row by row."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok
from realname.documents.application_id import ApplicationId
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.proofing.assertion import Proves, judge_assertion

ID, OTHER_ID = ApplicationId("a" * 32), ApplicationId("b" * 32)


def number(text: str) -> DocumentNumber:
    parsed = parse_number(text, today=date(2026, 3, 1))
    assert isinstance(parsed, Ok)
    return parsed.value


MINE, ANOTHER = number("11010519491231002X"), number("440308199901101512")


@dataclass(frozen=True)
class Row:
    """A row of the table: what the account has, what came, and what comes of it."""

    current: str | None
    asserted: DocumentNumber | None
    has_mobile: bool
    proves: Proves
    known_by: frozenset[ApplicationId] = frozenset()


ROWS = [
    Row(None, None, False, Proves.APPLICATION_ID),
    Row(None, None, True, Proves.APPLICATION_ID),
    Row(None, MINE, False, Proves.APPLICATION_ID),
    Row(None, MINE, True, Proves.NUMBER_TOO),
    Row(MINE.canonical, None, False, Proves.NEEDS_NUMBER),
    Row(MINE.canonical, None, True, Proves.NEEDS_NUMBER),
    Row(MINE.canonical, MINE, False, Proves.NEEDS_MOBILE),
    Row(MINE.canonical, MINE, True, Proves.NUMBER_TOO),
    Row(MINE.canonical, ANOTHER, False, Proves.ANOTHER_NUMBER),
    Row(MINE.canonical, ANOTHER, True, Proves.ANOTHER_NUMBER),
    # Known by the same identity already: nothing changes.
    Row(None, None, False, Proves.APPLICATION_ID, frozenset({ID})),
    Row(None, MINE, True, Proves.NUMBER_TOO, frozenset({ID})),
    # Known by another one: only the number tells that it is the same person with a new one.
    Row(None, None, False, Proves.ANOTHER_IDENTITY, frozenset({OTHER_ID})),
    Row(None, MINE, True, Proves.ANOTHER_IDENTITY, frozenset({OTHER_ID})),
    Row(MINE.canonical, MINE, True, Proves.NUMBER_TOO, frozenset({OTHER_ID})),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_table(row: Row) -> None:
    """Each row of the rule's own table."""
    proves = judge_assertion(
        ID, row.asserted, current_number=row.current, known_by=row.known_by, has_mobile=row.has_mobile
    )
    assert proves is row.proves


@given(
    current=st.sampled_from([None, MINE.canonical]),
    asserted=st.sampled_from([None, MINE, ANOTHER]),
    known_by=st.sampled_from([frozenset(), frozenset({ID}), frozenset({OTHER_ID})]),
    has_mobile=st.booleans(),
)
def test_what_it_never_says(
    current: str | None, asserted: DocumentNumber | None, known_by: frozenset[ApplicationId], has_mobile: bool
) -> None:
    """A number is joined only with a mobile, never in the place of another; and an account with one is never raised
    without it."""
    proves = judge_assertion(ID, asserted, current_number=current, known_by=known_by, has_mobile=has_mobile)
    if proves is Proves.NUMBER_TOO:
        assert asserted is not None and has_mobile and current in (None, asserted.canonical)
    if proves is Proves.APPLICATION_ID:
        assert current is None and known_by <= {ID}
    assert proves.is_refused == (proves not in (Proves.APPLICATION_ID, Proves.NUMBER_TOO))
