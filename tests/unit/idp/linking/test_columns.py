"""The columns of older systems: what is guessed of them, and which maps can be used."""

import random
from collections.abc import Mapping

import pytest

from idp.linking.column_guess import Why, guess
from idp.linking.column_words import EXACT, WORDS, field_of_word
from idp.linking.columns import ColumnMap, ColumnProblem, Field
from idp.linking.date_formats import PATTERNS, guess_format, read_date
from tests.support.legacy_people import FIELDS, made_up_accounts

# What systems of a dozen makers call the same things.
_HEADERS: dict[str, Mapping[str, str]] = {
    "initials": dict(
        reference="GRBH", name="XM", number="SFZH", mobile="LXDH", gender="XB", birth_date="CSRQ", address="TXDZ",
        organisation="DWMC", password="MM", salt="YAN", registered_at="JLSJ",
    ),
    "pinyin": dict(
        reference="GRZH", name="XINGMING", number="ZJHM", mobile="SJHM", gender="XINGBIE", birth_date="CSNY",
        address="DIZHI", organisation="QYMC", password="MIMA", salt="salt", registered_at="KHRQ",
    ),
    "chinese": dict(
        reference="编号", name="姓名", number="身份证号码", mobile="联系电话", gender="性别", birth_date="出生日期",
        address="家庭住址", organisation="单位名称", password="密码", salt="盐值", registered_at="登记日期",
    ),
    "longer chinese": dict(
        reference="用户编号", name="办事人姓名", number="办事人身份证号码（必填）", mobile="本人手机号码", gender="性别代码",
        birth_date="办事人出生日期", address="现居住地址", organisation="所在单位名称", password="登录密码", salt="密码盐",
        registered_at="账户创建时间",
    ),
    "english": dict(
        reference="USER_ID", name="OPERATOR_NAME", number="OPERATOR_ID_NO", mobile="OPERATOR_MOBILE", gender="SEX",
        birth_date="BIRTHDAY", address="ADDR", organisation="ENT_NAME", password="PWD", salt="SALT",
        registered_at="CREATE_TIME",
    ),
    "camels": dict(
        reference="patientId", name="patientName", number="certNo", mobile="mobile", gender="sex", birth_date="birthDate",
        address="homeAddress", organisation="orgName", password="passwd", salt="passwordSalt", registered_at="createdAt",
    ),
    "directory": dict(
        reference="uid", name="cn", number="employeeNumber", mobile="mobile", gender="gender", birth_date="dateOfBirth",
        address="postalAddress", organisation="o", password="userPassword", salt="salt", registered_at="createTimestamp",
    ),
}  # fmt: skip


def rows(count: int = 60) -> list[list[str]]:
    """Return the cells of made-up accounts, in the order of `FIELDS`."""
    return [[account[field] for field in FIELDS] for account in made_up_accounts(count)]


@pytest.mark.parametrize("maker", list(_HEADERS))
@pytest.mark.parametrize("seed", range(3))
def test_every_column_is_found_by_its_name(maker: str, seed: int) -> None:
    """In any order of the columns, each field has its own, and days have their format."""
    order = list(FIELDS)
    random.Random(seed).shuffle(order)
    header = [_HEADERS[maker][field] for field in order]
    sample = [[account[field] for field in order] for account in made_up_accounts(60, seed=seed)]
    found = guess(header, sample)
    assert {each.value: name for each, name in found.columns.columns.items()} == dict(_HEADERS[maker])
    assert found.columns.date_formats == {Field.BIRTH_DATE: "%Y%m%d", Field.REGISTERED_AT: "%Y-%m-%d"}
    assert found.columns.problems(header) == ()
    assert {reason.field for reason in found.reasons} == found.columns.columns.keys()
    assert all(0 < reason.confidence <= 1 for reason in found.reasons)


@pytest.mark.parametrize("seed", range(3))
def test_without_names_the_values_tell(seed: int) -> None:
    """Numbers, mobiles, names, digests and addresses are known by their look; birth and sex by the number."""
    header = [f"column ({place})" for place in range(1, len(FIELDS) + 1)]
    sample = [[account[field] for field in FIELDS] for account in made_up_accounts(80, seed=seed)]
    found = guess(header, sample).columns
    by_field = {each.value: FIELDS[header.index(name)] for each, name in found.columns.items()}
    assert by_field == {each: each for each in by_field}
    assert {"reference", "name", "number", "mobile", "gender", "birth_date", "password", "registered_at"} <= set(
        by_field
    )


def test_values_decide_between_two_columns_of_one_name() -> None:
    """Where two columns may be the number, the one that holds numbers is."""
    sample = [[row[0], "", row[2], row[1]] for row in rows()]
    found = guess(["编号", "证件号", "证件号码", "姓名"], sample)
    assert found.columns.columns[Field.NUMBER] == "证件号码"
    reason = next(reason for reason in found.reasons if reason.field is Field.NUMBER)
    assert reason.why is Why.NAME_AND_VALUES


def test_a_name_alone_is_enough_where_there_are_no_rows() -> None:
    """A file of a header and nothing else still has its columns."""
    found = guess(["编号", "姓名", "身份证号"], [])
    assert set(found.columns.columns) == {Field.REFERENCE, Field.NAME, Field.NUMBER}
    assert {reason.why for reason in found.reasons} == {Why.NAME}


@pytest.mark.parametrize("name", ["监护人姓名", "父亲身份证号", "配偶姓名", "guardianName", "emergency_name"])
def test_somebody_else_beside_the_holder_is_not_taken_for_them(name: str) -> None:
    """Name and number of a guardian or spouse are no field; the holder's own are."""
    assert field_of_word(name) is None
    assert field_of_word("姓名") == (Field.NAME, True)


def test_no_word_means_two_fields() -> None:
    """Each word is said once, in the form in which names are compared."""
    words = [word for said in WORDS.values() for word in said.split()]
    assert len(words) == len(set(words)) == len(EXACT)
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({Field.NAME: "b"}, ColumnProblem.NO_REFERENCE),
        ({Field.REFERENCE: "a", Field.EMAIL: "b"}, ColumnProblem.NOTHING_TELLING),
        ({Field.REFERENCE: "a", Field.NAME: "x"}, ColumnProblem.UNKNOWN_COLUMN),
        ({Field.REFERENCE: "a", Field.NAME: "a"}, ColumnProblem.COLUMN_TWICE),
    ],
)
def test_a_map_that_cannot_be_used_says_why(columns: dict[Field, str], problem: ColumnProblem) -> None:
    """An account needs a reference and something that tells a person, from columns that are there."""
    assert ColumnMap(columns).problems(("a", "b")) == (problem,)
    for telling in (Field.NAME, Field.NUMBER, Field.MOBILE):
        assert ColumnMap({Field.REFERENCE: "a", telling: "b"}).problems(("a", "b")) == ()


def test_a_format_of_dates_goes_with_a_date() -> None:
    """A format for a field that is no date, or has no column, is a problem; an unknown format as well."""
    columns = {Field.REFERENCE: "a", Field.NAME: "b", Field.BIRTH_DATE: "c"}
    header = ("a", "b", "c")
    assert ColumnMap(columns, {Field.BIRTH_DATE: "%Y%m%d"}).problems(header) == ()
    for wrong in ({Field.NAME: "%Y%m%d"}, {Field.REGISTERED_AT: "%Y%m%d"}, {Field.BIRTH_DATE: "%X"}):
        assert ColumnMap(columns, wrong).problems(header) == (ColumnProblem.NO_DATE,)


def test_a_map_is_saved_and_read_again() -> None:
    """What is kept with the system is the same map; anything else is refused."""
    columns = ColumnMap({Field.REFERENCE: "a", Field.BIRTH_DATE: "b"}, {Field.BIRTH_DATE: "%Y%m%d"})
    assert ColumnMap.from_document(columns.as_document()) == columns
    assert columns.places(("b", "x", "a")) == {Field.REFERENCE: 2, Field.BIRTH_DATE: 0}
    saved = columns.as_document()
    for wrong in (
        None,
        {},
        [],
        saved | {"format": 2},
        saved | {"columns": {"x": "a"}},
        saved | {"columns": {"name": 1}},
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - any word of it
            ColumnMap.from_document(wrong)


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        (["20120517", "19991231"], "%Y%m%d"),
        (["2012-05-17", "1999-12-31", ""], "%Y-%m-%d"),
        (["2012年05月17日"], "%Y年%m月%d日"),
        (["2012年5月7日"], "%Y年%m月%d日"),
        (["2012/5/7", "2012/12/31"], "%Y/%m/%d"),
        (["05/17/2012", "12/31/1999"], "%m/%d/%Y"),
        (["17/05/2012", "01/02/1999"], "%d/%m/%Y"),
        (["2012-05-17 08:09:10"], "%Y-%m-%d %H:%M:%S"),
        (["2012-05-17T08:09:10+08:00"], "%Y-%m-%dT%H:%M:%S%z"),
        (["20120517080910Z"], "%Y%m%d%H%M%SZ"),
        (["20120517080910"], "%Y%m%d%H%M%S"),
        (["1", "2"], None),
        (["15400000000"], None),
        (["20129999"], None),
        (["00010101"], None),
        (["2012-05-17", "never", "soon"], None),
        ([""], None),
        ([], None),
    ],
)
def test_days_are_known_by_how_they_are_written(values: list[str], pattern: str | None) -> None:
    """One format fits nearly all values of a column, and reads them."""
    found = guess_format(values)
    assert (found[0] if found else None) == pattern
    if pattern is not None:
        assert pattern in PATTERNS
        assert all(read_date(value, pattern) for value in values if value)
