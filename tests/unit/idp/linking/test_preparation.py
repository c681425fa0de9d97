"""Rows ready to be loaded: digested and sealed as the slow functions do, judged by what they say of themselves."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.core.results import Ok
from idp.crypto.keyring import Keyring
from idp.linking.columns import Field
from idp.linking.contents import FIELD_NAMES, LegacyRow, encode_row, open_password, open_row
from idp.linking.digests import Digests
from idp.linking.preparation import COLUMNS, Preparation, PreparedRow, RowProblem
from idp.linking.row_names import read_name
from idp.linking.vocabulary import HolderKind, NumberState, SourceState
from realname.documents.check_character import mod_11_2
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number

TODAY = date(2026, 11, 22)
NUMBER = "11010519800106101" + mod_11_2("11010519800106101")
MOBILE = "13712345679"
FIELDS = (*FIELD_NAMES, Field.PASSWORD, Field.SALT)
SYSTEM, BATCH = 7, 12


def prepared(keyring: Keyring, *, holds_organisations: bool = True, **cells: str) -> Mapping[str, object]:
    """Return what one row comes to, by column; reference, number, name and mobile stand as they should."""
    row = {"reference": "A-1", "number": NUMBER, "name": "张小明", "mobile": MOBILE, **cells}
    return dict(zip(COLUMNS, prepare(keyring, [row], holds_organisations=holds_organisations)[0], strict=True))


def prepare(keyring: Keyring, rows: list[dict[str, str]], *, holds_organisations: bool = True) -> list[PreparedRow]:
    """Return what rows come to, numbered from 1."""
    preparation = Preparation(
        keyring=keyring,
        system_number=SYSTEM,
        batch_number=BATCH,
        places={Field(name): at for at, name in enumerate(FIELDS)},
        width=len(FIELDS),
        today=TODAY,
        holds_organisations=holds_organisations,
        state_words={"4": SourceState.DECEASED, "0": SourceState.INACTIVE},
    )
    cells = [[row.get(name, "") for name in FIELDS] for row in rows]
    return preparation.prepare(range(1, len(rows) + 1), cells).rows


def number_of(text: str) -> DocumentNumber:
    """Return a number that is well formed."""
    parsed = parse_number(text, today=TODAY)
    assert isinstance(parsed, Ok)
    return parsed.value


def test_digests_are_those_of_one_row_alone(keyring: Keyring) -> None:
    """What is made for millions is what `Digests` makes for one, so that rows and persons meet."""
    row, digests = prepared(keyring, login="小明", password="5f4dcc3b", salt="abc"), Digests(keyring=keyring)
    assert row["ref_index"] == digests.reference(SYSTEM, "A-1")
    assert row["login_index"] == digests.login(SYSTEM, "小明")
    assert row["number_index"] == digests.number(number_of(NUMBER))
    assert row["pair_index"] == digests.pair(number_of(NUMBER), "张小明")
    assert row["name_mobile_index"] == digests.name_mobile("张小明", f"+86{MOBILE}")
    assert row["mobile_index"] == digests.mobile(f"+86{MOBILE}")
    assert row["credential_digest"] == digests.credential(SYSTEM, "5f4dcc3b")
    assert row["key_version"] == digests.version


def test_what_is_sealed_opens_where_it_belongs(keyring: Keyring) -> None:
    """Content and password of each row open for its batch and number, and say what the cells said."""
    rows = prepare(
        keyring, [{"reference": f"A-{at}", "address": '一"号\\路', "password": f"p{at}"} for at in range(12)]
    )
    digests = Digests(keyring=keyring)
    for at, values in enumerate(rows):
        row = dict(zip(COLUMNS, values, strict=True))
        assert isinstance(row["content"], bytes) and isinstance(row["credential"], bytes)
        opened = open_row(keyring, BATCH, at + 1, row["content"])
        assert opened == LegacyRow(reference=f"A-{at}", address='一"号\\路')
        assert row["content_digest"] == digests.content(encode_row(opened))
        assert open_password(keyring, BATCH, at + 1, row["credential"]).stored == f"p{at}"


def test_nothing_of_a_row_is_in_the_clear(keyring: Keyring) -> None:
    """Number, name, mobile and password stand in no column as they are."""
    loaded = b"".join(each for each in prepared(keyring, password="letmein1").values() if isinstance(each, bytes))
    for text in (NUMBER, "张小明", MOBILE, "letmein1"):
        assert text.encode() not in loaded


@pytest.mark.parametrize("written", [f"'{NUMBER}", NUMBER[:6] + NUMBER[8:17], f"{NUMBER}\u3000"])
@pytest.mark.parametrize("name", ["张小明", "张 小明", "张小明(本人)"])
def test_two_spellings_have_one_pair(keyring: Keyring, written: str, name: str) -> None:
    """However number and name are written, the pair is the same one."""
    assert prepared(keyring, number=written, name=name)["pair_index"] == prepared(keyring)["pair_index"]


@pytest.mark.parametrize(
    "name", ["", "张?明", "ZHANG XIAOMING", "张□明", "测试有限公司", "张小明".encode().decode("gbk", "replace")]
)
def test_a_name_that_is_none_has_no_pair(keyring: Keyring, name: str) -> None:
    """Pinyin, lost characters, mojibake, organisations and nothing could only match by luck: they get no digest."""
    row = prepared(keyring, name=name)
    assert row["number_index"] is not None
    assert row["pair_index"] is None and row["name_mobile_index"] is None


def test_a_foreigner_is_called_in_latin_letters(keyring: Keyring) -> None:
    """Latin letters are no pinyin on a foreigner's card."""
    digits = "91115619900307123"
    row = prepared(keyring, number=digits + mod_11_2(digits), name="SMITH JOHN")
    assert row["pair_index"] == Digests(keyring=keyring).pair(number_of(digits + mod_11_2(digits)), "Smith John")


@pytest.mark.parametrize(
    ("cells", "contradicts"),
    [
        ({}, False),
        ({"birth_date": "1980-01-06", "gender": "1"}, False),
        ({"birth_date": "1980-01-07"}, True),
        ({"gender": "女"}, True),
        ({"gender": "0"}, False),
        ({"name": "张小明(父)"}, True),
    ],
)
def test_rows_that_contradict_themselves(keyring: Keyring, cells: dict[str, str], contradicts: bool) -> None:
    """A birth date, a sex or a note that speaks against the number is told."""
    assert prepared(keyring, **cells)["is_contradictory"] is contradicts


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({}, SourceState.ACTIVE),
        ({"status": "1"}, SourceState.ACTIVE),
        ({"status": "4"}, SourceState.DECEASED),
        ({"status": "0"}, SourceState.INACTIVE),
        ({"status": "注销"}, SourceState.INACTIVE),
        ({"status": "死亡"}, SourceState.DECEASED),
        ({"name": "张小明(已故)"}, SourceState.DECEASED),
        ({"name": "张小明(已故)", "status": "1"}, SourceState.DECEASED),
    ],
)
def test_the_state_of_an_account(keyring: Keyring, cells: dict[str, str], state: SourceState) -> None:
    """Words that everybody uses, a system's own codes, and a note beside the name."""
    assert prepared(keyring, **cells)["source_state"] == state


@pytest.mark.parametrize(
    ("cells", "holds", "kind"),
    [
        ({}, True, HolderKind.PERSON),
        ({"organisation": "测试华达有限公司"}, True, HolderKind.ORGANISATION),
        ({"organisation": "测试第7单位"}, False, HolderKind.PERSON),
        ({"organisation": "无"}, True, HolderKind.PERSON),
        ({"name": "测试华达有限公司"}, False, HolderKind.ORGANISATION),
        ({"name": "测试账号1"}, False, HolderKind.TEST),
        ({"name": "张三", "number": "111111111111111111"}, False, HolderKind.TEST),
        ({"name": "张三"}, False, HolderKind.PERSON),
    ],
)
def test_whose_account_it_is(keyring: Keyring, cells: dict[str, str], holds: bool, kind: HolderKind) -> None:
    """An organisation is the holder where the system says so or where it stands for the name; 张三 may be somebody."""
    assert prepared(keyring, holds_organisations=holds, **cells)["holder_kind"] == kind


def test_a_row_without_an_account_is_a_fault(keyring: Keyring) -> None:
    """Rows that say no reference, or an endless one, are named by number and reason; the others are taken."""
    preparation = Preparation(
        keyring=keyring,
        system_number=SYSTEM,
        batch_number=BATCH,
        places={Field.REFERENCE: 0, Field.NAME: 1},
        width=2,
        today=TODAY,
        holds_organisations=False,
        state_words={},
    )
    found = preparation.prepare([3, 5, 8], [["", "张小明"], ["x" * 201, ""], [" B-1 ", "李小红"]])
    assert found.faults == [(3, RowProblem.REFERENCE_MISSING), (5, RowProblem.REFERENCE_TOO_LONG)]
    assert [row[0] for row in found.rows] == [8]
    assert found.rows[0][1] == Digests(keyring=keyring).reference(SYSTEM, "B-1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.dictionaries(st.sampled_from(FIELDS[1:]), st.text(max_size=30), max_size=6))
def test_any_cells_come_to_a_row(keyring: Keyring, cells: dict[str, str]) -> None:
    """Whatever stands in the cells, the row opens again as it was, and only a sound pair has a digest."""
    row = prepared(keyring, **cells)
    assert isinstance(row["content"], bytes)
    said = {"reference": "A-1", "number": NUMBER, "name": "张小明", "mobile": MOBILE, **cells}
    expected = {name: value for name, value in said.items() if name in FIELD_NAMES}
    assert open_row(keyring, BATCH, 1, row["content"]) == LegacyRow(**expected)
    if row["pair_index"] is not None:
        assert row["number_state"] == NumberState.VALID and read_name(said["name"]).name is not None
