"""Real names: what is accepted, what is kept, and which spellings are the same name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from realname.documents.names import MAX_NAME_LENGTH, NameProblem, clean_name, name_match_key
from tests.unit.realname.documents.numbers import any_text

DOTS = "\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387\uff0e\u2024\ufe52."


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "䶮",
        "刘〇",
        "\U00020bb7野",
        "\U0002ebf0三",
        "\U00030edd\U00031350\U000323af",
        "\ufa0e\uf9dc",
        "\ue81e三",
        "\U000f0000三",
        "邉\U000e0101",
        "⺁三",
        "买买提·吐尔逊",
        "བཀྲ་ཤིས་དོན་གྲུབ",
        "ئەخمەت تۇرسۇن",
        "ᠪᠠᠲᠤ",
        "Jean-Luc O'Neil Jr.",
        "Nguyễn Văn A",
        "Ｚｈａｎｇ",
        "张　三",
        "三" * MAX_NAME_LENGTH,
    ],
)
def test_names_are_kept_as_written(name: str) -> None:
    """Every script, every plane, private use and every middle dot pass unchanged."""
    assert clean_name(name) == Ok(name)
    assert clean_name(f"\u3000 {name}\u00a0") == Ok(name)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", NameProblem.EMPTY),
        (" \u3000", NameProblem.EMPTY),
        ("三" * (MAX_NAME_LENGTH + 1), NameProblem.LENGTH),
        ("三" * 100_000, NameProblem.LENGTH),
        (" " * 100_000, NameProblem.LENGTH),
        ("张三1", NameProblem.CHARACTERS),
        ("张三１", NameProblem.CHARACTERS),
        ("张三\n", NameProblem.CHARACTERS),
        ("张\x00三", NameProblem.CHARACTERS),
        ("张\u200b三", NameProblem.CHARACTERS),
        ("张\u202e三", NameProblem.CHARACTERS),
        ("张\ud800三", NameProblem.CHARACTERS),
        ("张\uffff三", NameProblem.CHARACTERS),
        ("张<三>", NameProblem.CHARACTERS),
        ("张三😀", NameProblem.CHARACTERS),
        ("张,三", NameProblem.CHARACTERS),
        ("\u3164", NameProblem.CHARACTERS),
        ("\u0301a", NameProblem.CHARACTERS),
        ("·张三", NameProblem.CHARACTERS),
        ("···", NameProblem.CHARACTERS),
    ],
)
def test_other_texts_are_refused(text: str, problem: NameProblem) -> None:
    """Digits, controls, invisible and formatting characters, symbols and endless texts are no names."""
    assert clean_name(text) == Refused(problem)


@pytest.mark.parametrize("dot", DOTS)
def test_every_middle_dot_is_the_same_in_the_key(dot: str) -> None:
    """Minority names match whatever dot an older system wrote (民委发〔2016〕33号: U+00B7)."""
    assert name_match_key(f"买买提{dot}吐尔逊") == "买买提\u00b7吐尔逊"
    assert clean_name(f"买买提{dot}吐尔逊") == Ok(f"买买提{dot}吐尔逊")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("张　三", "张三"),
        (" 张 三\u00a0", "张三"),
        ("\uf9dc", "\u9686"),
        ("\U0002f801", "\u4e38"),
        ("\ue81e三", "\u9fb4三"),
        ("\ue816三", "\U00020087三"),
        ("e\u0301lan", "ÉLAN"),
        ("ZHANG San", "zhangsan"),
    ],
)
def test_spellings_of_one_name_have_one_key(left: str, right: str) -> None:
    """Spaces, case, composition, compatibility ideographs and known private use do not part a name."""
    assert name_match_key(left) == name_match_key(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("张三", "张四"),
        ("买买提·吐尔逊", "买买提吐尔逊"),
        ("\ue000三", "\ue001三"),
        ("龙", "龍"),
        ("昇", "升"),
    ],
)
def test_different_names_have_different_keys(left: str, right: str) -> None:
    """The dot counts, unknown private use stands for itself, and no variant characters are guessed."""
    assert name_match_key(left) != name_match_key(right)


@pytest.mark.parametrize("raw", ["fe59", "fe61", "fe66", "fe67", "fe6d", "fe7e", "fe90", "fea0"])
def test_names_decoded_by_the_older_gb18030_match_the_newer(raw: str) -> None:
    """Bytes that Python decodes to private use name the ideographs U+9FB4-9FBB (GB 18030-2022)."""
    decoded = bytes.fromhex(raw).decode("gb18030")
    assert 0x9FB4 <= ord(name_match_key(decoded)) <= 0x9FBB


@given(any_text)
def test_the_key_is_idempotent_and_composed(text: str) -> None:
    """A key of a key is the key, and no text makes it raise."""
    key = name_match_key(text)
    assert name_match_key(key) == key
    assert unicodedata.is_normalized("NFC", key)


@given(any_text | st.text(alphabet="张三·. \u3000a\u0301", max_size=12))
def test_no_text_makes_cleaning_raise(text: str) -> None:
    """Any text is answered; a name that is clean stays clean and can be encoded."""
    result = clean_name(text)
    if isinstance(result, Ok):
        assert result.value in text
        assert clean_name(result.value) == result
        result.value.encode("utf-8")
        assert name_match_key(result.value)
