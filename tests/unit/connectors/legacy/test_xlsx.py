"""Workbooks: types of cells, days by their style, and the guards before XML from outside."""

from dataclasses import replace

import pytest

from connectors.legacy.layout import Kind, Layout
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from connectors.legacy.sniffing import sniff
from tests.support.legacy_files import workbook
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import Outcomes, read

_LAYOUT = Layout(Kind.XLSX, ("a", "b"), sheet="人员", has_header=False)
_SHEET = "xl/worksheets/sheet1.xml"
_STYLES = """<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/>
<numFmt numFmtId="171" formatCode="[Red]0.00;&quot;day&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/></cellXfs></styleSheet>"""


def sheet(rows: str, before: str = "") -> dict[str, str]:
    """Return the part of a sheet with those rows."""
    return {_SHEET: f"{before}<worksheet><sheetData>{rows}</sheetData></worksheet>", "xl/styles.xml": _STYLES}


def cells(write: Write, inside: str, limits: Limits = DEFAULT_LIMITS, **parts: str) -> Outcomes:
    """Return what came of one row."""
    content = workbook([["shared", "too"]], parts=sheet(f"<row>{inside}</row>") | parts)
    return read(write(content), _LAYOUT, limits=limits)[0]


def refusal(write: Write, parts: dict[str, str], limits: Limits = DEFAULT_LIMITS) -> SourceProblem:
    """Return why a workbook is refused."""
    with pytest.raises(SourceRefused) as refused:
        list(open_file(write(workbook([["x", "y"]], parts=parts)), _LAYOUT, limits=limits).chunks(size=10))
    return refused.value.reason


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="A1" t="s"><v>1</v></c>', "too"),
        ('<c r="A1" t="inlineStr"><is><t> x </t></is></c>', " x "),
        ('<c r="A1" t="inlineStr"><is><r><t>王</t></r><r><t>伟</t></r><rPh><t>wang</t></rPh></is></c>', "王伟"),
        ('<c r="A1" t="str"><f>"x"&amp;"y"</f><v>xy</v></c>', "xy"),
        ('<c r="A1" t="b"><v>1</v></c>', "true"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="A1" t="d"><v>2020-05-17</v></c>', "2020-05-17"),
        ('<c r="A1"><v>339901199001011</v></c>', "339901199001011"),
        ('<c r="A1"><v>3.3990119900101099E+17</v></c>', "3.3990119900101099E+17"),
        ('<c r="A1" s="0"><v>43968</v></c>', "43968"),
        ('<c r="A1" s="1"><v>43968</v></c>', "2020-05-17"),
        ('<c r="A1" s="2"><v>43968</v></c>', "2020-05-17"),
        ('<c r="A1" s="3"><v>43968</v></c>', "43968"),
        ('<c r="A1" s="4"><v>43968.75</v></c>', "2020-05-17 18:00:00"),
        ('<c r="A1" s="1"><v>1</v></c>', "1900-01-01"),
        ('<c r="A1" s="1"><v>61</v></c>', "1900-03-01"),
        ('<c r="A1" s="1"><v>-5</v></c>', "-5"),
        ('<c r="A1" s="1"><v>1e300</v></c>', "1e300"),
        ('<c r="A1" s="99"><v>5</v></c>', "5"),
    ],
)
def test_a_cell_is_read_by_its_type_and_style(write: Write, cell: str, text: str) -> None:
    """Shared and inline strings, numbers as they are written, days where the style says that they are."""
    assert cells(write, cell + '<c r="B1"><v>0</v></c>') == [[text, "0"]]


def test_days_may_count_from_1904(write: Write) -> None:
    """A workbook of that kind says so."""
    book = '<workbook xmlns:r="x/relationships"><workbookPr date1904="1"/><sheets><sheet name="人员" r:id="rId1"/></sheets></workbook>'
    assert cells(write, '<c r="A1" s="1"><v>42506</v></c>', **{"xl/workbook.xml": book}) == [["2020-05-17", ""]]


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [
        ('<c r="B1"><v>2</v></c>', ["", "2"]),
        ("<c><v>1</v></c><c><v>2</v></c>", ["1", "2"]),
        ('<c r="A1"><v>1</v></c><c r="C1"/>', ["1", ""]),
        ('<c r="A1"><v>1</v></c><c r="C1"><v>3</v></c>', RowFault.TOO_MANY_CELLS),
        ('<c r="XFD1"><v>3</v></c>', RowFault.TOO_MANY_CELLS),
        ('<c r="A1" t="s"><v>77</v></c>', RowFault.MALFORMED),
        ('<c r="A1" t="s"><v>-1</v></c>', RowFault.MALFORMED),
        ('<c r="A1" t="b"><v>7</v></c>', RowFault.MALFORMED),
        ('<c r="A1" t="inlineStr"><is><t>' + "x" * 600 + "</t></is></c>", RowFault.TOO_LONG),
    ],
)
def test_a_row_is_filled_up_or_has_a_fault(write: Write, inside: str, outcome: list[str] | RowFault) -> None:
    """Cells that a sheet leaves out are empty; one beyond the header is a fault."""
    assert cells(write, inside, Limits(row_bytes=500)) == [outcome]


def test_rows_without_a_value_are_none(write: Write) -> None:
    """Formatted but empty rows have no number."""
    rows = '<row><c r="A1"><v>1</v></c></row><row/><row><c r="A3" s="1"/></row><row><c r="A4"><v>4</v></c></row>'
    assert read(write(workbook([], parts=sheet(rows))), _LAYOUT)[0] == [["1", ""], ["4", ""]]


@pytest.mark.parametrize("part", [_SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_document_type_is_refused_in_every_part(write: Write, part: str) -> None:
    """Where none can be declared no entity grows, and none names a file."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]><x>&b;&c;</x>'
    assert refusal(write, {part: bomb}) is SourceProblem.XML_DECLARATIONS


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (sheet("<a>" * 100 + "</a>" * 100), SourceProblem.BROKEN),
        (sheet('<row x="' + "y" * (3 << 20) + '"/>'), SourceProblem.BROKEN),
        (sheet("<row>"), SourceProblem.BROKEN),
        (sheet("<row/>", '<?xml version="1.0" encoding="unknown"?>'), SourceProblem.BROKEN),
        ({"xl/_rels/workbook.xml.rels": "<x/>"}, SourceProblem.NO_ROWS),
        ({"xl/workbook.xml": "<workbook/>"}, SourceProblem.NO_ROWS),
    ],
)
def test_a_workbook_that_is_none_is_refused(write: Write, parts: dict[str, str], reason: SourceProblem) -> None:
    """XML that is broken, too deep, or in one endless piece, and a workbook without sheets."""
    assert refusal(write, parts) is reason


def test_what_unpacks_to_too_much_is_refused(write: Write) -> None:
    """A part is bounded in ratio and size; a sheet of many rows within the bounds is read."""
    rows = "".join(f'<row><c r="A{number}"><v>{number}</v></c></row>' for number in range(1, 30_000))
    assert len(read(write(workbook([], parts=sheet(rows))), _LAYOUT)[0]) == 29_999
    assert refusal(write, sheet(" " * (6 << 20))) is SourceProblem.ARCHIVE_RATIO
    assert refusal(write, sheet(rows), Limits(unpacked_bytes=100_000)) is SourceProblem.ARCHIVE_SIZE


def test_shared_strings_are_bounded(write: Write) -> None:
    """Their whole and each of them; within the bounds they are read back from the disk."""
    rows = [[f"王{number}", f"伟{number}"] for number in range(500)]
    assert read(write(workbook(rows)), _LAYOUT)[0] == rows
    for limits in (Limits(shared_strings_bytes=5000), Limits(row_bytes=2)):
        with pytest.raises(SourceRefused) as refused:
            open_file(write(workbook(rows)), _LAYOUT, limits=limits)
        assert refused.value.reason is SourceProblem.STRINGS_SIZE


def test_a_sheet_is_chosen_by_name(write: Write) -> None:
    """The choices are the sheets; one that is not there is refused."""
    path = write(workbook([["姓名", "电话"], ["王伟", "15400000000"]]))
    found = sniff(path)
    assert (found.choices, found.layout.sheet, found.layout.header) == (("人员",), "人员", ("姓名", "电话"))
    assert sniff(path, choice="人员") == found
    for refused_by in (
        lambda: sniff(path, choice="none"),
        lambda: open_file(path, replace(found.layout, sheet="none")),
    ):
        with pytest.raises(SourceRefused) as refused:
            refused_by()
        assert refused.value.reason is SourceProblem.TABLE


def test_another_header_refuses_the_sheet(write: Write) -> None:
    """Columns that are missing, or in another order, are not read with the old layout."""
    layout = replace(_LAYOUT, has_header=True)
    assert read(write(workbook([["a", "b"], ["1", "2"]])), layout)[0] == [["1", "2"]]
    for header in (["b", "a"], ["a"], ["a", "b", "c"]):
        with pytest.raises(SourceRefused) as refused:
            open_file(write(workbook([header, ["1", "2"]])), layout)
        assert refused.value.reason is SourceProblem.HEADER_DIFFERS
