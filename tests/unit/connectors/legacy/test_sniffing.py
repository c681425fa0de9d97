"""What kind of file something is, and what is no such file."""

import pytest

from connectors.legacy.delimiter_guess import first_row_names_columns
from connectors.legacy.layout import Encoding, Kind
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.sniffing import SAMPLE_ROWS, sniff
from tests.support.legacy_files import HEADER, account_cells, delimited, json_lines
from tests.unit.connectors.legacy.conftest import Write


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", SourceProblem.EMPTY),
        (b"%PDF-1.7\n1,2\n3,4\n", SourceProblem.UNKNOWN_KIND),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, SourceProblem.OLD_SPREADSHEET),
        (b"<html><table><tr><td>1</td></tr></table>", SourceProblem.UNKNOWN_KIND),
        (b'[{"a": 1},\n{"a": 2}]', SourceProblem.UNKNOWN_KIND),
        (b'{\n"a": 1\n}', SourceProblem.UNKNOWN_KIND),
        (b"Rar!\x1a\x07", SourceProblem.UNKNOWN_KIND),
        (b"just some words\nand some more of them\n", SourceProblem.UNKNOWN_KIND),
        (b"\xff\x81\x20\n" * 50, SourceProblem.ENCODING),
        ("INSERT INTO t VALUES (1,2);".encode("utf-16"), SourceProblem.ENCODING),
    ],
)
def test_what_is_no_list_of_accounts_is_refused(write: Write, content: bytes, reason: SourceProblem) -> None:
    """Documents, pictures, archives of other kinds, web pages, and bytes of no encoding."""
    with pytest.raises(SourceRefused) as refused:
        sniff(write(content))
    assert refused.value.reason is reason
    assert sniff(write(b"a,b\n1,2\n")).layout.kind is Kind.DELIMITED


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", Encoding.UTF_8),
        ("utf-8-sig", Encoding.UTF_8),
        ("gbk", Encoding.GB18030),
        ("gb18030", Encoding.GB18030),
        ("gb2312", Encoding.GB18030),
        ("utf-16", Encoding.UTF_16_LE),
        ("utf-16-le", Encoding.UTF_16_LE),
        ("utf-16-be", Encoding.UTF_16_BE),
    ],
)
def test_the_encoding_is_found_with_and_without_a_mark(write: Write, encoding: str, expected: Encoding) -> None:
    """What calls itself GB2312 or GBK is read as GB18030, which holds both."""
    text = "编号,姓名\r\n" + "".join(f"{number},王伟\r\n" for number in range(100, 150))
    found = sniff(write(text.encode(encoding)))
    assert (found.layout.encoding, found.layout.header, found.sample[0]) == (
        expected,
        ("编号", "姓名"),
        ("100", "王伟"),
    )
    assert found.confidence >= 0.9
    assert found.lost_characters == 0


def test_a_file_whose_head_is_ascii_is_looked_at_further_on(write: Write) -> None:
    """Chinese that begins behind the first quarter of a megabyte decides as well."""
    head = b"id,name\n" + b"1234567,ZHANG SAN\n" * 20_000
    assert sniff(write(head)).layout.encoding is Encoding.UTF_8
    assert sniff(write(head + "7654321,张三\n".encode("gbk") * 20_000)).layout.encoding is Encoding.GB18030


def test_a_mixed_file_is_read_as_what_most_of_it_is(write: Write) -> None:
    """The share of sound lines lowers the confidence, and what is lost is counted."""
    lines = [f"{number},王伟\n".encode("gbk" if number % 5 == 0 else "utf-8") for number in range(100)]
    found = sniff(write("编号,姓名\n".encode() + b"".join(lines)))
    assert found.layout.encoding is Encoding.UTF_8
    assert 0.7 < found.confidence < 0.9
    assert found.lost_characters > 20


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";", "^", "\x01"])
def test_the_delimiter_is_what_divides_all_rows_alike(write: Write, delimiter: str) -> None:
    """Other signs inside the cells do not mislead."""
    rows = account_cells(60)
    found = sniff(write(delimited([HEADER, *rows], delimiter=delimiter)))
    assert (found.layout.delimiter, found.layout.header) == (delimiter, HEADER)
    assert len(found.sample) == min(len(rows), SAMPLE_ROWS)


def test_a_header_is_told_from_a_row(write: Write) -> None:
    """Names are filled, differ, and look like no data; without them the columns have numbers."""
    rows = account_cells(30)
    named, bare = sniff(write(delimited([HEADER, *rows]))), sniff(write(delimited(rows)))
    assert (named.layout.has_header, bare.layout.has_header) == (True, False)
    assert bare.layout.header == tuple(f"column ({place})" for place in range(1, len(HEADER) + 1))
    assert named.sample == bare.sample
    assert first_row_names_columns([["姓名", "号码"]])
    for row in (["姓名", ""], ["姓名", "姓名"], ["姓名", "13800000000"], ["姓名", "2020-05-17"], ["姓名", "0"]):
        assert not first_row_names_columns([row])


def test_names_that_repeat_are_told_apart(write: Write) -> None:
    """Each column has a name of its own, and the file is opened by them."""
    found = sniff(write(b"a,,b,b,b (4)\n1,2,3,4,5\n6,7,8,9,0\n"))
    assert len(set(found.layout.header)) == 5
    header = sniff(write("a,b,c\n1,2,3\n".encode())).layout.header
    assert header == ("a", "b", "c")


def test_a_name_that_some_objects_lack_is_optional(write: Write) -> None:
    """Of the first objects; the columns are the names of all of them."""
    path = write(json_lines([["1", "x"]], ["a", "b"]) + json_lines([["2", "y"]], ["a", "c"]))
    layout = sniff(path).layout
    assert (layout.header, layout.optional) == (("a", "b", "c"), ("b", "c"))
