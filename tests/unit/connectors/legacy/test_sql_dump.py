"""SQL dumps: every way of writing a value, rows that go wrong, and texts that look like statements."""

from dataclasses import replace

import pytest

from connectors.legacy.layout import Encoding, Kind, Layout
from connectors.legacy.limits import Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault
from connectors.legacy.sniffing import sniff
from tests.unit.connectors.legacy.conftest import Write
from tests.unit.connectors.legacy.outcomes import read

_LAYOUT = Layout(Kind.SQL_DUMP, ("a", "b"), table="t", has_header=False)
_STANDARD = replace(_LAYOUT, backslashes=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("'x'", "x"),
        ("''", ""),
        ("NULL", ""),
        ("null", ""),
        ("-12.50", "-12.50"),
        ("TRUE", "TRUE"),
        (r"'it\'s'", "it's"),
        ("'it''s'", "it's"),
        (r"'\\'", "\\"),
        (r"'a\\''b'", "a\\'b"),
        (r"'\n\t\Z\%'", "\n\t\x1a\\%"),
        (r"'\x'", "x"),
        ("'),(\n'", "),(\n"),
        ("'; DROP TABLE t; --'", "; DROP TABLE t; --"),
        ('"say ""so"""', 'say "so"'),
        ("_utf8mb4'张'", "张"),
        ("N'张'", "张"),
        ("X'E5BCA0'", "张"),
        ("0xE5BCA0", "张"),
        ("0xff00", "ff00"),
        ("TO_DATE('2020-05-17', 'YYYY-MM-DD')", "2020-05-17"),
        ("CAST(N'2020-05-17' AS DateTime)", "2020-05-17"),
        ("  'x'  ", "x"),
    ],
)
def test_a_value_is_read_as_it_is_meant(write: Write, value: str, text: str) -> None:
    """Strings with either quote and their escapes, NULL, numbers, bytes and calls around a literal."""
    dump = f"INSERT INTO `t` (`a`,`b`) VALUES ('1',{value}),\n({value},'2');\n"
    found, lost = read(write(dump.encode()), _LAYOUT)
    assert (found, lost) == ([["1", text], [text, "2"]], 0)


def test_backslashes_are_text_in_the_standard(write: Write) -> None:
    """What other databases than MySQL write ends at the quote, whatever stands before it."""
    found, _ = read(write(rb"INSERT INTO t VALUES ('c:\', 'x\ny');"), _STANDARD)
    assert found == [["c:\\", "x\\ny"]]


def test_the_second_byte_of_a_character_is_no_backslash(write: Write) -> None:
    """誠 ends with the byte of a backslash and 猔 with that of a backtick in GBK."""
    layout = replace(_LAYOUT, encoding=Encoding.GB18030)
    other = "INSERT INTO `猔` VALUES ('誠','a');\n"
    dump = (other + "INSERT INTO `t` VALUES ('誠','猔'),('x誠','誠');\n").encode("gb18030")
    assert read(write(dump), layout)[0] == [["誠", "猔"], ["x誠", "誠"]]


def test_only_the_chosen_table_is_read(write: Write) -> None:
    """Other tables, definitions, comments, and texts that look like statements bring no row."""
    dump = b"""-- INSERT INTO t VALUES ('comment','1');
# INSERT INTO t VALUES ('comment','2');
/* INSERT INTO t VALUES ('comment','3'); */
/*!40000 ALTER TABLE `t` DISABLE KEYS */;
CREATE TABLE `t` (`a` varchar(9) COMMENT 'INSERT INTO t VALUES (''x'',1);', `b` int);
INSERT INTO `posts` VALUES ('
INSERT INTO `t` VALUES (''forged'',''4'');
');
INSERT INTO `tt` VALUES ('other','5');
COPY x (a) FROM stdin;
INSERT INTO t VALUES ('copied','6');
\\.
insert into `db`.`t` (b, a) values (1, 'real') , -- between rows
 ( 2 , 'rows' ) ON DUPLICATE KEY UPDATE a=VALUES(a);
REPLACE INTO t VALUES ('too',3);"""
    assert read(write(dump), _LAYOUT)[0] == [["real", "1"], ["rows", "2"], ["too", "3"]]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("('x')", RowFault.TOO_FEW_CELLS),
        ("('x','y','z')", RowFault.TOO_MANY_CELLS),
        ("('x',RAND())", RowFault.MALFORMED),
        ("('x'y,'z')", RowFault.MALFORMED),
        ("('x','y'", RowFault.MALFORMED),
        ("(,)", RowFault.MALFORMED),
        (r"('x','\0')", RowFault.NUL),
        ("('x','" + "y" * 5000 + "')", RowFault.TOO_LONG),
    ],
)
def test_a_row_that_goes_wrong_costs_itself(write: Write, row: str, fault: RowFault) -> None:
    """Reading goes on at the next row, and at the next statement."""
    dump = (
        f"INSERT INTO t VALUES ('1','2'),{row},('3','4');\nINSERT INTO t VALUES {row};\nINSERT INTO t VALUES ('5','6');"
    )
    found, _ = read(write(dump.encode()), _LAYOUT, limits=Limits(row_bytes=1000))
    assert [["1", "2"], fault] == found[:2]
    assert ["5", "6"] in found
    assert ["3", "4"] in found or row == "('x','y'"


def test_a_dump_that_ends_inside_a_row_says_so(write: Write) -> None:
    """The rows before are read; where the statement is whole there is no fault."""
    dump = b"INSERT INTO t VALUES ('1','2'),('3','4');"
    assert read(write(dump), _LAYOUT)[0] == [["1", "2"], ["3", "4"]]
    for end in (3, 6, 10, 11):
        assert read(write(dump[:-end]), _LAYOUT)[0] == [["1", "2"], RowFault.CUT_OFF]


def test_copy_is_read_with_its_escapes(write: Write) -> None:
    """Tabs and line breaks inside values, \\N, columns in another order, and rows of another width."""
    dump = b'COPY public.t ("b", a) FROM stdin;\n2\t1\n\\N\tx\\ty\\\\\n1\n1\t2\t3\n\xe5\xbc\xa0\tz\n\\.\n\nSELECT 1;\n'
    found, _ = read(write(dump), _STANDARD)
    assert found == [["1", "2"], ["x\ty\\", ""], RowFault.TOO_FEW_CELLS, RowFault.TOO_MANY_CELLS, ["z", "张"]]
    found, _ = read(write(dump.partition(b"z")[0]), _STANDARD)
    assert found[-1] is RowFault.CUT_OFF


@pytest.mark.parametrize(
    ("layout", "dump", "reason"),
    [
        (replace(_LAYOUT, table="missing"), b"INSERT INTO t VALUES ('1','2');", SourceProblem.TABLE),
        (_LAYOUT, b"INSERT INTO t (a) VALUES ('1');", SourceProblem.HEADER_DIFFERS),
        (_LAYOUT, b"INSERT INTO t (a,b,c) VALUES ('1','2','3');", SourceProblem.HEADER_DIFFERS),
        (_LAYOUT, b"COPY t (a, x) FROM stdin;\n1\t2\n\\.\n", SourceProblem.HEADER_DIFFERS),
        (replace(_LAYOUT, table=""), b"INSERT INTO t VALUES ('1','2');", SourceProblem.LAYOUT),
        (replace(_LAYOUT, encoding=Encoding.UTF_16_LE), b"INSERT INTO t VALUES ('1','2');", SourceProblem.ENCODING),
    ],
)
def test_another_table_or_other_columns_are_refused(
    write: Write, layout: Layout, dump: bytes, reason: SourceProblem
) -> None:
    """A dump without the table, or with other columns than agreed on, is not read."""
    with pytest.raises(SourceRefused) as refused:
        list(open_file(write(dump), layout).chunks(size=10))
    assert refused.value.reason is reason


def test_the_table_with_most_rows_is_guessed_and_another_may_be_chosen(write: Write) -> None:
    """The choices name every table that is filled, the columns come from its definition."""
    dump = b"CREATE TABLE `small` (`x` int, KEY `k` (`x`));\nINSERT INTO `small` VALUES (1);\n"
    dump += b"CREATE TABLE `big` (\n`a` decimal(3,1) DEFAULT '0,0',\n`b` text,\nPRIMARY KEY (`a`)\n);\n"
    dump += b"INSERT INTO `big` VALUES (1,'x'),\n" + b",\n".join([b"(2,'y')"] * 20) + b";\n"
    path = write(dump)
    found = sniff(path)
    assert (found.layout.table, found.layout.header, found.choices) == ("big", ("a", "b"), ("big", "small"))
    assert found.layout.backslashes
    assert sniff(path, choice="small").sample == (("1",),)
    with pytest.raises(SourceRefused):
        sniff(path, choice="none")
