"""Which passwords are accepted."""

import runpy
from datetime import date
from pathlib import Path

import pytest

from idp.core.results import Ok, Refused
from idp.persons.password_policy import PasswordPolicy, PasswordProblem, context_words, load_blocklist

from .conftest import make_number

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def blocklist():
    return load_blocklist()


@pytest.fixture(scope="module")
def policy(blocklist):
    return PasswordPolicy(citizen_length=10, staff_length=15, blocklist=blocklist)


def check(policy, password, *, is_staff=False, context=()):
    return policy.check(password, is_staff=is_staff, context=context)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "lowercaseonlyabsent",
        "9150386274",
        "高原上的云很白很高啊",
        "  leading and trailing  ",
        "kM4#vQ9!xT",
        "x" * 3 + "kq8wz" * 40,
    ],
)
def test_no_composition_is_asked_for(policy, password):
    """Digits alone, letters alone, Chinese and spaces are all accepted (ASVS 6.2.5)."""
    assert check(policy, password) == Ok(None)


@pytest.mark.parametrize(
    ("length", "is_staff", "problem"),
    [
        (9, False, PasswordProblem.TOO_SHORT),
        (10, False, None),
        (14, True, PasswordProblem.TOO_SHORT),
        (15, True, None),
        (256, False, None),
        (257, False, PasswordProblem.TOO_LONG),
        (100_000, False, PasswordProblem.TOO_LONG),
    ],
)
def test_lengths(policy, length, is_staff, problem):
    """Citizens need ten characters, staff fifteen; 256 is the most."""
    password = ("云kq8山wz雪m" * 12_000)[: length - 1] + "!"
    result = check(policy, password, is_staff=is_staff)
    assert result == (Ok(None) if problem is None else Refused(problem))


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop",
        "1qaz2wsx3edc",
        "woaini5201314",
        "WoAiNi1314520",
        "Password123",
        "P@ssw0rd123",
        "zhongguo2024",
        "admin123456",
        "aa19900301",
        "aaaaaaaaaa",
        "1212121212",
        "abcabcabcabc",
        "1234567890",
        "0987654321",
        "12345678901234567890",
        "abcdefghijkl",
        "aaaa1111bbbb",
        "abcdef123456",
        "qwertyuiopqwertyuiop",
        "woaini520woaini520",
    ],
)
def test_common_and_patterned_ones_are_refused(policy, password):
    """Words of the list in any case, repetitions and sequences are refused (ASVS 6.2.4)."""
    assert check(policy, password) == Refused(PasswordProblem.BLOCKLISTED)


@pytest.mark.parametrize(
    "password",
    ["kq900307wzx!", "xx19900307kq", "K99000000-01kq", "kq00000001wz", "My.Mail.Kq8x", "myYIHAO-kq8w"],
)
def test_words_about_the_person_are_refused(policy, password):
    """Parts of the number, the mobile, the e-mail, the login name and product names are refused (6.2.11)."""
    number = make_number()
    context = context_words(
        number=number, mobile="+8619900000001", email="my.mail@example.cn", login_name="k99000000-01"
    )
    assert check(policy, password, context=context) == Refused(PasswordProblem.CONTAINS_CONTEXT)


def test_context_does_not_refuse_by_chance(policy):
    """Context that does not occur refuses nothing, nor does a word of three characters."""
    context = context_words(number=make_number(), mobile="+8619900000001", email="li@example.cn")
    assert check(policy, "living on the plateau", context=context) == Ok(None)


def test_context_words_of_nothing():
    """Who gave nothing has no context words."""
    assert context_words() == ()


def test_the_list_is_large_enough(blocklist):
    """Well over 3,000 entries are long enough to matter at ten characters (ASVS 6.2.4)."""
    assert len([word for word in blocklist if len(word) >= 10]) > 3000


def test_an_operators_list_is_added(tmp_path, blocklist):
    """A file of the operator adds to the list that comes with the product."""
    extra = tmp_path / "breached.txt"
    extra.write_text("Kq8WzXplateau\n\n雪域高原的一个口令\n", "utf-8")
    both = load_blocklist(extra)
    assert {"kq8wzxplateau", "雪域高原的一个口令"} <= both
    assert "" not in both
    assert blocklist < both


def test_the_list_is_what_the_script_makes():
    """The file in the repository is the script's output, so that nobody edits it by hand."""
    script = runpy.run_path(str(ROOT / "scripts" / "make_password_blocklist.py"))
    words = {word.lower() for word in script["expansions"]()}
    kept = {word for word in words if script["MIN_LENGTH"] <= len(word) <= script["MAX_LENGTH"]}
    assert script["TARGET"].read_text("utf-8").splitlines() == sorted(kept)


def test_birth_dates_are_taken_from_the_number():
    """The birth date within a number is a context word in both lengths."""
    number = make_number()
    assert number.birth_date == date(1990, 3, 7)
    assert {"19900307", "900307", number.canonical[-6:]} <= set(context_words(number=number))
