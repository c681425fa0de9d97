"""Delimited text: quotes, line ends, encodings, and the rows that go wrong."""

import tracemalloc

import pytest

from connectors.legacy.layout import Encoding, Kind, Layout
from connectors.legacy.limits import Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_LAYOUT = Layout(Kind.DELIMITED, ("a", "b"))


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (b"1,2", ["1", "2"]),
        (b'"1","2"', ["1", "2"]),
        (b'"1,x","say ""so"""', ["1,x", 'say "so"']),
        (b'"1\n2\r\n3",4', ["1\n2\r\n3", "4"]),
        (b'1,in the "middle"', ["1", 'in the "middle"']),
        (b",", ["", ""]),
        (b"1", RowFault.TOO_FEW_CELLS),
        (b"1,2,3", RowFault.TOO_MANY_CELLS),
        (b'"1"x,2', RowFault.MALFORMED),
        (b"1\r2,3", RowFault.MALFORMED),
        (b"1,2\0", RowFault.NUL),
        (b"1," + b"x" * 600, RowFault.TOO_LONG),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_gives_its_cells_or_its_fault(
    write: Write, line: bytes, outcome: list[str] | RowFault, end: bytes
) -> None:
    """A row is read whole or has a fault, and the rows around it do not suffer."""
    path = write(end.join((b"a,b", b"first,1", line, b"last,2")) + end)
    found, lost = read(path, _LAYOUT, limits=Limits(row_bytes=500))
    assert found == [["first", "1"], outcome, ["last", "2"]]
    assert lost == 0


def test_empty_lines_are_no_rows(write: Write) -> None:
    """Empty lines have no number, wherever they stand."""
    found, _ = read(write(b"\n\na,b\n\n1,2\n\n\r\n3,4\n\n"), _LAYOUT)
    assert found == [["1", "2"], ["3", "4"]]


def test_a_quote_that_nothing_closes_costs_one_row(write: Write) -> None:
    """The lines behind it are read by themselves, however many there are; where it is closed nothing is lost."""
    rest = b"".join(b"%d,x\n" % number for number in range(200))
    found, _ = read(write(b'a,b\n1,"open\n' + rest), _LAYOUT)
    assert found == [RowFault.UNCLOSED_QUOTE, *([str(number), "x"] for number in range(200))]
    closed, _ = read(write(b'a,b\n1,"open\n2"\n' + rest), _LAYOUT)
    assert closed[0] == ["1", "open\n2"]


def test_quotes_are_text_where_the_layout_says_so(write: Write) -> None:
    """Without a quote character a quote opens nothing."""
    layout = Layout(Kind.DELIMITED, ("a", "b"), delimiter="|", quote="")
    found, _ = read(write(b'a|b\n"1|2"\n'), layout)
    assert found == [['"1', '2"']]


@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_encoding_is_read_with_and_without_its_mark(write: Write, encoding: Encoding) -> None:
    """Rare characters survive, and a byte order mark is no part of the header."""
    text = "a,b\r\n周𬭎,欧阳·娜\r\n"
    for mark in ("", "\ufeff"):
        found, lost = read(write((mark + text).encode(encoding)), Layout(Kind.DELIMITED, ("a", "b"), encoding=encoding))
        assert (found, lost) == ([["周𬭎", "欧阳·娜"]], 0)


def test_a_line_break_of_utf_16_is_two_bytes_in_their_place(write: Write) -> None:
    """U+0A4E beside U+4E00 looks like a line break to whoever counts single bytes."""
    for encoding, text in ((Encoding.UTF_16_LE, "\u0a41\u4e00"), (Encoding.UTF_16_BE, "\u4100\u0a41")):
        raw = f"a,b\n{text},2\n3,4\n".encode(encoding)
        found, _ = read(write(raw), Layout(Kind.DELIMITED, ("a", "b"), encoding=encoding))
        assert found == [[text, "2"], ["3", "4"]]


def test_what_no_encoding_has_is_counted(write: Write) -> None:
    """Rows of another encoding are read with U+FFFD, which are counted; those that the source wrote are not."""
    raw = "a,b\n1,正常\n".encode() + "2,张伟\n".encode("gbk") + "3,\ufffd\n".encode()
    found, lost = read(write(raw), _LAYOUT)
    assert [row[0] for row in found if isinstance(row, list)] == ["1", "2", "3"]
    assert lost == sum(row[1].count("\ufffd") for row in found if isinstance(row, list)) - 1 > 0


@pytest.mark.parametrize("header", [b"a", b"a,b,c", b"b,a", b"a,x", b'"a,b\n1,2', b""])
def test_another_header_refuses_the_file(write: Write, header: bytes) -> None:
    """A file whose columns are fewer, more, others or in another order is not read with the old layout."""
    with pytest.raises(SourceRefused) as refused:
        open_file(write(header + b"\n1,2\n"), _LAYOUT)
    assert refused.value.reason is SourceProblem.HEADER_DIFFERS
    assert read(write(b" a ,b\n1,2\n"), _LAYOUT)[0] == [["1", "2"]]


def test_a_line_without_end_costs_no_memory(write: Write) -> None:
    """64 MiB without a line break are one bad row; what follows is read."""
    path = write(b"a,b\n1,2\n")
    with path.open("r+b") as file:
        file.truncate(64 << 20)
        file.seek(0, 2)
        file.write(b"\n3,4\n")
    tracemalloc.start()
    try:
        found, _ = read(path, _LAYOUT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [["1", "2"], RowFault.TOO_LONG, ["3", "4"]]
    assert peak < 16 << 20


def test_memory_does_not_grow_with_the_file(write: Write) -> None:
    """A file of twice the rows takes no more memory than half of it."""
    peaks = []
    for count in (100_000, 200_000):
        path = write(b"a,b\n" + b"GR00000001,13800000000\n" * count)
        tracemalloc.start()
        try:
            assert sum(len(chunk.rows) for chunk in open_file(path, _LAYOUT).chunks(size=2000)) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
