"""Fixed width: columns of bytes and of characters, padding, and lines of another length."""

import pytest

from connectors.legacy.layout import Encoding, Kind, Layout
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from connectors.legacy.sniffing import sniff
from tests.support.legacy_files import account_cells, fixed_width
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_GB = Layout(Kind.FIXED_WIDTH, ("a", "b", "c"), encoding=Encoding.GB18030, widths=(4, 6, 2), has_header=False)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("0001张三  01".encode("gbk"), ["0001", "张三", "01"]),
        ("0001张三峰01".encode("gbk"), ["0001", "张三峰", "01"]),
        (b"            ", ["", "", ""]),
        (b" 1  x\0\0\0\0\0 1", [" 1", "x", " 1"]),
        (b"0001zhang 0", RowFault.TOO_FEW_CELLS),
        (b"0001zhang 012", RowFault.TOO_MANY_CELLS),
        (b"0001zh\0ng 1", RowFault.TOO_FEW_CELLS),
        (b"0001zh\0ng 01", RowFault.NUL),
    ],
)
def test_a_line_gives_its_columns_or_its_fault(write: Write, line: bytes, outcome: list[str] | RowFault) -> None:
    """Padding behind a value is none of it; spaces before it are. Another length is a fault."""
    other = b"0002lisi  02"
    found, lost = read(write(b"\r\n".join((other, line, other)) + b"\r\n"), _GB)
    assert found == [["0002", "lisi", "02"], outcome, ["0002", "lisi", "02"]]
    assert lost == 0


def test_widths_may_be_characters(write: Write) -> None:
    """The same text is cut by characters where the layout says so."""
    layout = Layout(Kind.FIXED_WIDTH, ("a", "b"), widths=(3, 4), widths_are_characters=True, has_header=False)
    found, _ = read(write("01 欧阳娜 \n02 李四x\n".encode()), layout)
    assert found == [["01", "欧阳娜"], RowFault.TOO_FEW_CELLS]


def test_a_character_cut_in_two_is_lost_and_counted(write: Write) -> None:
    """A column that ends inside a character gives U+FFFD on both sides."""
    found, lost = read(write("0001a张张b01\n".encode("gbk")), _GB)
    assert lost == 0
    assert found == [["0001", "a张张b", "01"]]
    found, lost = read(write("000张张  0 1\n".encode("gbk")), _GB)
    assert lost > 0


def test_a_header_line_is_compared(write: Write) -> None:
    """Where the first line names the columns, other names refuse the file."""
    layout = Layout(Kind.FIXED_WIDTH, ("a", "b", "c"), widths=(4, 6, 2))
    assert read(write(b"a   b     c \n1   2     3 \n"), layout)[0] == [["1", "2", "3"]]
    with pytest.raises(SourceRefused) as refused:
        open_file(write(b"a   c     b \n1   2     3 \n"), layout)
    assert refused.value.reason is SourceProblem.HEADER_DIFFERS


@pytest.mark.parametrize("widths", [(), (4, 6), (4, 0, 2), (4, -6, 2), (4, 6, 10**9)])
def test_widths_that_cannot_be_are_refused(write: Write, widths: tuple[int, ...]) -> None:
    """Each column has a width that a row can have."""
    with pytest.raises(SourceRefused) as refused:
        open_file(write(b"x"), Layout(Kind.FIXED_WIDTH, ("a", "b", "c"), widths=widths, has_header=False))
    assert refused.value.reason is SourceProblem.LAYOUT


def test_widths_are_guessed_where_shapes_and_spaces_tell_them(write: Write) -> None:
    """A number and a digest that fill their columns are parted from their neighbours all the same."""
    rows = [[row[0], row[1], row[2], row[3], row[8], row[4], row[5]] for row in account_cells(80)]
    widths = (12, 30, 18, 20, 32, 1, 8)
    path = write(fixed_width([row for row in rows if len(row[2]) == 18], widths))
    assert sniff(path).layout.widths == widths
