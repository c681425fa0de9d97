"""DBF tables: types of columns, deleted records, code pages, and tables that are not whole."""

import struct
from datetime import date

import pytest

from connectors.legacy.layout import Encoding, Kind, Layout
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from connectors.legacy.sniffing import sniff
from tests.support.legacy_files import dbf_of
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_COLUMNS = [("ID", b"C", 4), ("NAME", b"C", 6)]
_LAYOUT = Layout(Kind.DBF, ("ID", "NAME"), encoding=Encoding.GB18030, has_header=False)


def test_each_type_is_read_as_text(write: Write) -> None:
    """Numbers without their padding, days, logical values, binary numbers and instants; memos are left out."""
    days = date(2020, 5, 17).toordinal() - date(1970, 1, 1).toordinal() + 2_440_588
    record = b" " + b"x  " + b"   42.5" + b"20200517" + b"T" + b"0000000007"
    record += (
        struct.pack("<i", -3) + struct.pack("<d", 2.5) + struct.pack("<q", 12345) + struct.pack("<ii", days, 3_600_000)
    )
    kinds = [
        ("TEXT", b"C", 3), ("NUMBER", b"N", 7), ("DAY", b"D", 8), ("YES", b"L", 1), ("MEMO", b"M", 10),
        ("COUNT", b"I", 4), ("SHARE", b"B", 8), ("MONEY", b"Y", 8), ("AT", b"T", 8),
    ]  # fmt: skip
    found = sniff(write(dbf_of(kinds, [record])))
    assert found.layout.header == ("TEXT", "NUMBER", "DAY", "YES", "COUNT", "SHARE", "MONEY", "AT")
    assert found.sample == (("x", "42.5", "20200517", "true", "-3", "2.5", "1.2345", "2020-05-17 01:00:00"),)


def test_deleted_records_are_named_and_not_read(write: Write) -> None:
    """A record that is marked deleted has its number and its fault; one with another mark is malformed."""
    found, _ = read(write(dbf_of(_COLUMNS, [b" 1   a     ", b"*2   b     ", b"?3   c     ", b" 4   d     "])), _LAYOUT)
    assert found == [["1", "a"], RowFault.DELETED, RowFault.MALFORMED, ["4", "d"]]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_the_header_promised_and_is_not_there_is_one_fault(write: Write, size: int) -> None:
    """A table that ends too early says so once, after any number of chunks; a whole one says nothing."""
    records = [b" 1   a     ", b" 2   b     "]
    assert read(write(dbf_of(_COLUMNS, records)), _LAYOUT, size=size)[0] == [["1", "a"], ["2", "b"]]
    promised = dbf_of(_COLUMNS, records, counted=9)
    for content in (promised, promised[:-1], promised[:-5]):
        found, _ = read(write(content), _LAYOUT, size=size)
        assert found[0] == ["1", "a"]
        assert found[-1] is RowFault.CUT_OFF
        assert found.count(RowFault.CUT_OFF) == 1


def test_records_beyond_the_count_are_read(write: Write) -> None:
    """A program that died left its count behind; what it wrote is there."""
    found, _ = read(write(dbf_of(_COLUMNS, [b" 1   a     ", b" 2   b     "], counted=1)), _LAYOUT)
    assert found == [["1", "a"], ["2", "b"]]


@pytest.mark.parametrize(
    ("page", "name", "encoding"),
    [
        (0x4D, "张三峰".encode("gbk"), Encoding.GB18030),
        (0x00, "张三峰".encode("gbk"), Encoding.GB18030),
        (0x00, "张三".encode(), Encoding.UTF_8),
    ],
)
def test_the_encoding_is_that_of_the_code_page_or_of_the_records(
    write: Write, page: int, name: bytes, encoding: Encoding
) -> None:
    """A table that names no code page that is read here is looked at."""
    found = sniff(write(dbf_of(_COLUMNS, [b" 1   " + name.ljust(6)] * 3, page=page)))
    assert found.layout.encoding is encoding
    assert found.sample[0] == ("1", name.decode(encoding))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw[:20], SourceProblem.BROKEN),
        (lambda raw: b"\x01" + raw[1:], SourceProblem.BROKEN),
        (lambda raw: raw[:10] + b"\xff\x7f" + raw[12:], SourceProblem.BROKEN),
        (lambda raw: raw[:43] + b"?" + raw[44:], SourceProblem.BROKEN),
        (lambda raw: raw[:32] + b"XX" + raw[34:], SourceProblem.HEADER_DIFFERS),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(write: Write, change: object, reason: SourceProblem) -> None:
    """Lengths, types and names are compared before a record is read."""
    raw = dbf_of(_COLUMNS, [b" 1   a     "])
    assert read(write(raw), _LAYOUT)[0] == [["1", "a"]]
    assert callable(change)
    with pytest.raises(SourceRefused) as refused:
        open_file(write(change(raw)), _LAYOUT)
    assert refused.value.reason is reason
