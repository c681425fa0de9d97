"""Reading a register's file: its columns, its encodings, and what is wrong with a row."""

import io
from datetime import date

import pytest

from realname.documents.document_number import Sex
from realname.providers.register.entry import Entry, decode_entry, encode_entry
from realname.providers.register.reading import BadRow, Column, FileRefused, inspect, read_entry, read_rows
from tests.support.register import MOBILE, NAME, NUMBER, OTHER_NUMBER, TODAY, entry_of

FULL = {
    "former_names": "旧名|更旧名",
    "birth_date": "1949-12-31",
    "sex": "女",
    "valid_from": "2011-01-01",
    "valid_until": "20310101",
    "deceased_on": "2025/01/31",
    "guardians": OTHER_NUMBER,
    "household": "h-1",
    "mobiles": "13712345678| +86 137 1234 5679 ",
}


def rows_of(text: str) -> list[tuple[int, Entry | BadRow]]:
    return list(read_rows(io.StringIO(text, newline=""), today=TODAY))


def test_every_column() -> None:
    """Each column says its part; days come in three spellings, numbers and mobiles in any that people write."""
    entry = entry_of(**FULL)
    assert set(FULL) | {"number", "name"} == set(Column)
    assert (entry.name, entry.names) == (NAME, (NAME, "旧名", "更旧名"))
    assert (entry.birth_date, entry.sex) == (date(1949, 12, 31), Sex.FEMALE)
    assert (entry.valid_from, entry.valid_until) == (date(2011, 1, 1), date(2031, 1, 1))
    assert entry.deceased_on == date(2025, 1, 31)
    assert [each.canonical for each in entry.guardians] == [OTHER_NUMBER]
    assert (entry.household, entry.mobiles) == ("h-1", (MOBILE, "+8613712345679"))


def test_what_a_file_does_not_say_the_number_does() -> None:
    """Birth and sex are taken from the number where the file is silent; everything else stays unknown."""
    entry = entry_of(sex="9")
    assert (entry.birth_date, entry.sex) == (date(1949, 12, 31), Sex.FEMALE)
    assert (entry.household, entry.mobiles, entry.deceased_on) == (None, (), None)


def test_an_entry_is_the_same_after_it_was_sealed() -> None:
    """Encoding loses nothing, tells equal entries by equal bytes, and a repr shows the masked number alone."""
    for entry in (entry_of(**FULL), entry_of("CAN310085010100")):
        again = decode_entry(encode_entry(entry))
        assert encode_entry(again) == encode_entry(entry)
        assert (again.name, again.mobiles, again.deceased_on) == (entry.name, entry.mobiles, entry.deceased_on)
    assert encode_entry(entry_of()) != encode_entry(entry_of(household="h"))
    shown = repr(entry_of(**FULL))
    assert [each for each in (NUMBER, NAME, "旧名", OTHER_NUMBER, "137", "1949", "h-1") if each in shown] == []


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"number": NUMBER[:17] + "1"}, "number", "check_digit"),
        ({"number": ""}, "number", "empty"),
        ({"number": "110105203012310020"}, "number", "birth_date"),
        ({"name": ""}, "name", "empty"),
        ({"name": "张\x07三"}, "name", "characters"),
        ({"former_names": "旧名|x\x00"}, "former_names", "characters"),
        ({"birth_date": "1949-02-30"}, "birth_date", "date"),
        ({"birth_date": "31.12.1949"}, "birth_date", "date"),
        ({"birth_date": "１９４９-12-31"}, "birth_date", "date"),
        ({"birth_date": "1949-12-30"}, "birth_date", "other_than_number"),
        ({"deceased_on": "2026-03-03"}, "deceased_on", "date"),
        ({"deceased_on": "1949-12-30"}, "deceased_on", "before_birth"),
        ({"sex": "x"}, "sex", "unknown_value"),
        ({"guardians": NUMBER[:17] + "1"}, "guardians", "check_digit"),
        ({"household": "a\nb"}, "household", "characters"),
        ({"mobiles": "13712345678|12"}, "mobiles", "not_a_mobile"),
        ({"mobiles": "|".join(f"137{place:08d}" for place in range(51))}, "mobiles", "too_many"),
    ],
)
def test_bad_cells(cells: dict[str, str], column: str, problem: str) -> None:
    """What is wrong is told by column and problem; the same row without it is an entry."""
    good = {"number": NUMBER, "name": NAME}
    assert isinstance(read_entry(good, today=TODAY), Entry)
    assert read_entry({**good, **cells}, today=TODAY) == BadRow(column, problem)


def test_bad_rows() -> None:
    """Rows of another length and ones that are no CSV are told by their line, and reading goes on; empty lines pass."""
    text = f'name,number\n{NAME},{NUMBER}\n\n{NAME}\n{NAME},{NUMBER},x\n"{"x" * 200_000}",\n李四,{OTHER_NUMBER}\n'
    found = rows_of(text)
    assert [(line, row) for line, row in found if isinstance(row, BadRow)] == [
        (4, BadRow("", "columns")),
        (5, BadRow("", "columns")),
        (6, BadRow("", "unreadable")),
    ]
    assert [(line, row.name) for line, row in found if isinstance(row, Entry)] == [(2, NAME), (7, "李四")]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "no header row"),
        (f"{NUMBER},{NAME}", "column 1 of the header row"),
        ("number,name,shoe size", "column 3 of the header row"),
        ("number,name,姓名", "a column twice"),
        ("number,household", "lacks the column"),
    ],
)
def test_headers_that_are_none(header: str, said: str) -> None:
    """A file whose header is not understood is refused, without a word of it: it may be somebody's row."""
    with pytest.raises(FileRefused, match=said) as refused:
        rows_of(header)
    assert NUMBER not in str(refused.value) and NAME not in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(encoding: str) -> None:
    """UTF-8, with or without a mark, and GB18030 are told apart by themselves; the file is then at its start."""
    text = f"公民身份号码,姓名\n{NUMBER},{NAME}丁\U00020087\n"
    file = io.BytesIO(text.encode(encoding))
    found = inspect(file)
    assert found.encoding == encoding.removesuffix("-sig")
    rows = list(read_rows(io.TextIOWrapper(file, encoding=found.encoding, newline=""), today=TODAY))
    assert isinstance(rows[0][1], Entry) and rows[0][1].name == f"{NAME}丁\U00020087"


def test_no_encoding() -> None:
    """Bytes of neither encoding are refused, and so are those that are not of the one that was named."""
    with pytest.raises(FileRefused, match="not in UTF-8 or GB18030"):
        inspect(io.BytesIO(b"number,name\n\xff\xff\xff\n"))
    chinese = io.BytesIO(f"姓名,{NAME}".encode("gb18030"))
    with pytest.raises(FileRefused, match="not in utf-8"):
        inspect(chinese, "utf-8")
    chinese.seek(0)
    assert inspect(chinese, "gb18030").encoding == "gb18030"
