"""Reports that people open in a spreadsheet: no cell of them does anything there."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.legacy.export import plain_cell, safe_cell, write_rows


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc", "%0", "339901199001011230"]
)
def test_what_a_spreadsheet_would_act_on_becomes_text(text: str) -> None:
    """Formulas with what is before them, and numbers of which it would keep fifteen digits."""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "王伟", "13800000000", "a=b", "2020-05-17", "123456789012345", "a-b"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Names, mobiles, days, and signs further on."""
    assert safe_cell(text) == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=3), max_size=5))
def test_rows_are_read_back_with_their_safe_cells(rows: list[list[str]]) -> None:
    """Quotes and line breaks inside cells stay where they are."""
    target = io.StringIO(newline="")
    write_rows(target, rows)
    read = list(csv.reader(io.StringIO(target.getvalue(), newline=""), strict=True))
    assert read == [[safe_cell(cell) for cell in row] for row in rows]
    assert all(plain_cell(safe_cell(cell)) == cell.replace("\0", "") for row in rows for cell in row)
    assert not [cell for row in read for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
