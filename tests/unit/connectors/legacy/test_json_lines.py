"""JSON lines: what a value is as text, and which objects are no rows."""

import pytest

from connectors.legacy.layout import Kind, Layout
from connectors.legacy.rows import RowFault
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_LAYOUT = Layout(Kind.JSON_LINES, ("a", "b"), has_header=False)
_LENIENT = Layout(Kind.JSON_LINES, ("a", "b"), optional=("b",), has_header=False)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ('{"a": "1", "b": "张"}', ["1", "张"]),
        ('{"b": "2", "a": "1"}', ["1", "2"]),
        ('{"a": 339901199001011230, "b": 1.50}', ["339901199001011230", "1.50"]),
        ('{"a": 12345678901234567890123, "b": 1E400}', ["12345678901234567890123", "1E400"]),
        ('{"a": null, "b": true}', ["", "true"]),
        ('{"a": NaN, "b": false}', ["NaN", "false"]),
        ('{"a": ["x", 1], "b": {"c": "张"}}', ['["x","1"]', '{"c":"张"}']),
        ('{"a": "\\ud842\\udfb7", "b": ""}', ["𠮷", ""]),
        ('{"a": "1"}', RowFault.TOO_FEW_CELLS),
        ('{"a": "1", "b": "2", "c": "3"}', RowFault.TOO_MANY_CELLS),
        ('{"a": "1", "b": "\\u0000"}', RowFault.NUL),
        ('{"a": "1", "b"', RowFault.MALFORMED),
        ('{"a": "1", "b": "2"} x', RowFault.MALFORMED),
        ('["1", "2"]', RowFault.MALFORMED),
        ('"text"', RowFault.MALFORMED),
        ("[" * 50_000, RowFault.MALFORMED),
    ],
)
def test_an_object_gives_its_cells_or_its_fault(write: Write, line: str, outcome: list[str] | RowFault) -> None:
    """Numbers stay as they are written, null is empty, and what is no such object has a fault."""
    other = '{"a": "x", "b": "y"}'
    found, lost = read(write(f"{other}\n{line}\r\n\n{other}".encode()), _LAYOUT)
    assert found == [["x", "y"], outcome, ["x", "y"]]
    assert lost == 0


def test_a_column_may_be_left_out_by_agreement(write: Write) -> None:
    """What a layout calls optional is empty where it is missing; the others are still asked for."""
    found, _ = read(write(b'{"a": "1"}\n{"b": "2"}\n'), _LENIENT)
    assert found == [["1", ""], RowFault.TOO_FEW_CELLS]


def test_half_a_character_is_lost_and_counted(write: Write) -> None:
    """A lone surrogate, which JSON can spell, becomes U+FFFD; two halves are a character."""
    found, lost = read(write(b'{"a": "x\\ud842y", "b": "\\udfb7"}\n'), _LAYOUT)
    assert (found, lost) == ([["x\ufffdy", "\ufffd"]], 2)
