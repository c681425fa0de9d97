"""What the cells of legacy rows say: numbers, names, mobiles and dates as older systems write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok
from idp.linking.row_facts import read_mobile, speaks_against
from idp.linking.row_names import is_mojibake, is_plain, read_name
from idp.linking.row_numbers import PlainNumbers, read_number
from idp.linking.vocabulary import NumberState
from realname.documents.check_character import mod_11_2
from realname.documents.names import name_match_key
from realname.documents.parse import parse_number

TODAY = date(2026, 11, 22)
NUMBER = "11010519800106101" + mod_11_2("11010519800106101")
ENDS_IN_X = next(
    digits + "X" for digits in (f"11010519491231{at:03}" for at in range(1, 99)) if mod_11_2(digits) == "X"
)
PLAIN = PlainNumbers(today=TODAY)


@pytest.mark.parametrize(
    "written",
    [
        NUMBER,
        f" {NUMBER} ",
        f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}",
        f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
        f"\ufeff{NUMBER}",
        f"{NUMBER}\u200b",
        f"{NUMBER}\u3000",
        f"'{NUMBER}",
        f"\u2018{NUMBER}",
        NUMBER.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)}),
        NUMBER[:6] + NUMBER[8:17],
    ],
)
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    """Blanks, hyphens, marks, quotes, full width and fifteen digits all come to the one canonical form."""
    read = read_number(written, "01", today=TODAY)
    assert (read.state, read.number and read.number.canonical) == (NumberState.VALID, NUMBER)


def test_a_check_character_is_read_in_either_case() -> None:
    """X is X, small, large or full width."""
    for written in (ENDS_IN_X, ENDS_IN_X.lower(), ENDS_IN_X[:17] + "\uff38"):
        read = read_number(written, "", today=TODAY)
        assert read.number is not None and read.number.canonical == ENDS_IN_X


@pytest.mark.parametrize(
    ("written", "kind", "state"),
    [
        ("", "", NumberState.MISSING),
        ("无", "", NumberState.MISSING),
        ("NULL", "01", NumberState.MISSING),
        ("\\N", "01", NumberState.MISSING),
        ("111111111111111111", "", NumberState.PLACEHOLDER),
        ("11111111111111111X", "", NumberState.PLACEHOLDER),
        ("123456789012345678", "", NumberState.PLACEHOLDER),
        ("12345678", "", NumberState.PLACEHOLDER),
        ("330000000000000000", "", NumberState.PLACEHOLDER),
        ("330102190001010000", "", NumberState.PLACEHOLDER),
        ("110101199001011237", "", NumberState.PLACEHOLDER),
        ("1101**********1017", "", NumberState.MASKED),
        ("1101xxxxxxxxxx1017", "", NumberState.MASKED),
        ("1.10105E+17", "", NumberState.DAMAGED),
        (NUMBER[:15] + "000", "", NumberState.DAMAGED),
        (NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2"), "", NumberState.INVALID),
        (NUMBER[:-1], "", NumberState.INVALID),
        ("19800106", "", NumberState.INVALID),
        ("E12345678", "02", NumberState.OTHER_DOCUMENT),
        ("G12345678", "", NumberState.OTHER_DOCUMENT),
        ("H12345678", "03", NumberState.OTHER_DOCUMENT),
        ("军字第1234567号", "05", NumberState.OTHER_DOCUMENT),
        ("110105800106101", "护照", NumberState.OTHER_DOCUMENT),
    ],
)
def test_what_is_no_number_is_told_apart(written: str, kind: str, state: NumberState) -> None:
    """Nothing, a placeholder, a mask, a spreadsheet's damage, another document and a mistake are different things."""
    read = read_number(written, kind, today=TODAY)
    assert (read.state, read.number) == (state, None)


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000", "911156"])
def test_numbers_of_residents_who_are_no_citizens_are_valid(prefix: str) -> None:
    """Residence permits (81, 82, 83) and the foreigner's card of 2023 find persons as citizens' numbers do."""
    digits = f"{prefix}19900307123"
    read = read_number(digits + mod_11_2(digits), "01", today=TODAY)
    assert read.state is NumberState.VALID


@given(
    region=st.sampled_from(["110105", "339901", "540102", "810000", "920000", "050101", "711000"]),
    day=st.dates(date(1890, 1, 1), TODAY + timedelta(days=400)),
    sequence=st.integers(0, 999),
    slip=st.integers(0, 3),
    short=st.booleans(),
)
def test_sight_and_study_agree(region: str, day: date, sequence: int, slip: int, short: bool) -> None:
    """What the quick look takes as a number, the slow one takes as the same one, without any doubt."""
    digits = f"{region}{day:%Y%m%d}{sequence:03}"
    checks = "10X98765432"
    written = digits + checks[(checks.index(mod_11_2(digits)) + slip) % 11]
    if short:
        written = digits[:6] + digits[8:]
    seen, read = PLAIN.canonical(written), read_number(written, "", today=TODAY)
    if seen is not None:
        assert read.number is not None and not read.is_doubtful
        assert parse_number(written, today=TODAY) == Ok(read.number)
        assert seen == read.number.canonical
    elif read.state is NumberState.VALID:
        assert read.number is not None
        # Left to the slow look: not a citizen's, before 1900, or to be looked at by a human.
        assert read.is_doubtful or read.number.type != "resident_id" or day.year < 1901 or short


def test_a_clean_number_is_known_at_sight() -> None:
    """The quick look is not quick by knowing nothing."""
    assert PLAIN.canonical(NUMBER) == NUMBER
    assert PLAIN.canonical(ENDS_IN_X.lower()) == ENDS_IN_X
    assert PLAIN.canonical(NUMBER[:6] + NUMBER[8:17]) == NUMBER


@pytest.mark.parametrize(
    ("written", "name", "is_deceased", "is_doubtful"),
    [
        ("张小明", "张小明", False, False),
        (" 张 小明", "张 小明", False, False),
        ("张小明(本人)", "张小明", False, False),
        ("张小明先生", "张小明", False, False),
        ("张小明1", "张小明", False, False),
        ("张小明*", "张小明", False, False),
        ("张小明(已故)", "张小明", True, False),
        ("张小明已故", "张小明", True, False),
        ("张小明（父）", "张小明", False, True),
        ("张小明(代办)", "张小明", False, True),
        ("那日苏·阿不都拉", "那日苏·阿不都拉", False, False),
        ("ལྷ་མོ", "ལྷ་མོ", False, False),
        ("张?明", None, False, False),
        ("张□", None, False, False),
        ("", None, False, False),
        ("无", None, False, False),
        ("张小明".encode().decode("gbk", "replace"), None, False, False),
    ],
)
def test_names_lose_their_notes(written: str, name: str | None, is_deceased: bool, is_doubtful: bool) -> None:
    """A note beside a name is a fact about the row; a name of which something is lost matches nobody."""
    read = read_name(written)
    assert (read.name, read.is_deceased, read.is_doubtful) == (name, is_deceased, is_doubtful)


@pytest.mark.parametrize("written", ["测试华达有限公司", "第一小学", "某某村委会", "东方酒店餐饮分公司", "张三工作室"])
def test_an_organisation_under_a_persons_name_is_seen(written: str) -> None:
    """Where a system has no column for it, the organisation stands as the holder."""
    assert read_name(written).is_organisation


@pytest.mark.parametrize("written", ["测试", "test01", "admin", "系统管理员", "测试账号1"])
def test_accounts_for_tests_are_seen(written: str) -> None:
    """Nobody is called so."""
    assert read_name(written).is_test


def test_persons_are_no_organisations() -> None:
    """Names that only resemble one stay persons; pinyin says that it is pinyin."""
    for name in ("公孙胜", "钟店", "厂长春", "局永厂", "司马中学武"):
        assert not read_name(name).is_organisation
    assert read_name("ZHANG SAN").is_latin
    assert not read_name("张三").is_latin


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6))
def test_a_plain_name_is_what_the_slow_look_makes_of_it(name: str) -> None:
    """Where the quick look takes a name as it stands, the slow one finds the same and nothing noted beside it."""
    if is_plain(name):
        read = read_name(name)
        assert read.name == name_match_key(name) == name
        assert not (read.is_deceased or read.is_doubtful or read.is_organisation or read.is_test or read.is_latin)


def test_mojibake_is_told_from_names() -> None:
    """UTF-8 read as GBK is seen; common names are not taken for it."""
    assert all(is_mojibake(name.encode().decode("gbk", "replace")) for name in ("张小明", "李四", "王建国", "欧阳娜娜"))
    assert not any(map(is_mojibake, ("张小明", "李四", "王建国", "欧阳娜娜", "阙俊峰", "禚妍")))


@pytest.mark.parametrize(
    ("written", "mobile"),
    [
        ("13712345679", "+8613712345679"),
        ("+86 137-1234-5679", "+8613712345679"),
        ("86-13712345679", "+8613712345679"),
        ("008613712345679", "+8613712345679"),
        ("13712345679(家)", "+8613712345679"),
        ("13800000000", None),
        ("13888888888", None),
        ("13800138000", None),
        ("0571-81234567", None),
        ("12345678901", None),
        ("", None),
        ("无", None),
    ],
)
def test_mobiles(written: str, mobile: str | None) -> None:
    """Mobiles come to E.164; landlines and what form fillers type are none."""
    assert read_mobile(written) == mobile


@pytest.mark.parametrize(
    ("written", "speaks"),
    [
        ("1980-01-06", False),
        ("19800106", False),
        ("1980年1月6日", False),
        ("1/6/1980", False),
        ("6/1/1980", False),
        ("1980-01-06 00:00:00", False),
        ("1900-01-01", False),
        ("unbekannt", False),
        ("", False),
        ("1980-13-45", False),
        ("1981-01-06", True),
        ("19800107", True),
        ("7/2/1980", True),
    ],
)
def test_a_birth_date_speaks_only_where_it_is_certain(written: str, speaks: bool) -> None:
    """Another day speaks against the number; what may be the same day, or is no day, does not."""
    assert speaks_against(written, date(1980, 1, 6)) is speaks


@given(st.text(max_size=40), st.text(max_size=10))
def test_no_cell_is_too_strange(text: str, kind: str) -> None:
    """Whatever stands in a cell comes to an outcome."""
    read = read_number(text, kind, today=TODAY)
    assert (read.number is not None) is (read.state is NumberState.VALID)
    read_name(text)
    read_mobile(text)
    speaks_against(text, TODAY)
    seen = PLAIN.canonical(text)
    assert seen is None or (read.number is not None and read.number.canonical == seen)
