"""Mobile numbers and e-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from idp.persons.contact_numbers import ContactProblem, parse_email, parse_mobile

any_text = st.text(alphabet=st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    "text",
    [
        "13800001234",
        "+8613800001234",
        "008613800001234",
        "8613800001234",
        "+86 138 0000 1234",
        "+86-138-0000-1234",
        "138\u20130000\u20131234",
        "１３８００００１２３４",
        "＋８６　１３８－００００－１２３４",
        " 13800001234 ",
    ],
)
def test_ways_of_writing_a_mobile_number_become_one(text: str) -> None:
    """The canonical form is E.164."""
    assert parse_mobile(text) == Ok("+8613800001234")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ContactProblem.EMPTY),
        (" - ", ContactProblem.EMPTY),
        ("1" * 100_000, ContactProblem.LENGTH),
        ("12800001234", ContactProblem.NOT_A_MOBILE),
        ("1380000123", ContactProblem.NOT_A_MOBILE),
        ("138000012345", ContactProblem.NOT_A_MOBILE),
        ("+85291234567", ContactProblem.NOT_A_MOBILE),
        ("+13800001234", ContactProblem.NOT_A_MOBILE),
        ("+868613800001234", ContactProblem.NOT_A_MOBILE),
        ("010-12345678", ContactProblem.NOT_A_MOBILE),
        ("++8613800001234", ContactProblem.CHARACTERS),
        ("(+86)13800001234", ContactProblem.CHARACTERS),
        ("13800001234\n", ContactProblem.CHARACTERS),
        ("1380000123a", ContactProblem.CHARACTERS),
        ("١٣٨٠٠٠٠١٢٣٤", ContactProblem.CHARACTERS),
        ("\ud800", ContactProblem.CHARACTERS),
    ],
)
def test_other_numbers_are_refused(text: str, problem: ContactProblem) -> None:
    """Fixed lines, other countries, other digits and half numbers are no mainland mobile numbers."""
    assert parse_mobile(text) == Refused(problem)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("zhang.san@example.cn", "zhang.san@example.cn"),
        (" Zhang.San+id@Mail.EXAMPLE.cn ", "Zhang.San+id@mail.example.cn"),
        ("a@b-c.example", "a@b-c.example"),
        ("a@xn--fiqs8s.example", "a@xn--fiqs8s.example"),
        ("a@163.example", "a@163.example"),
        ("a" * 64 + "@example.cn", "a" * 64 + "@example.cn"),
    ],
)
def test_addresses_are_accepted_with_a_lower_case_domain(text: str, address: str) -> None:
    """The domain is folded, the local part is not (RFC 5321 §2.4)."""
    assert parse_email(text) == Ok(address)
    assert parse_email(address) == Ok(address)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ContactProblem.EMPTY),
        ("a" * 100_000, ContactProblem.LENGTH),
        ("a" * 65 + "@example.cn", ContactProblem.LENGTH),
        ("a@" + "b." * 130 + "cn", ContactProblem.LENGTH),
        ("张三@example.cn", ContactProblem.CHARACTERS),
        ("a@例子.中国", ContactProblem.CHARACTERS),
        ("a＠example.cn", ContactProblem.CHARACTERS),
        ("\ud800@example.cn", ContactProblem.CHARACTERS),
        ("a.example.cn", ContactProblem.NOT_AN_EMAIL),
        ("a@b@example.cn", ContactProblem.NOT_AN_EMAIL),
        ("@example.cn", ContactProblem.NOT_AN_EMAIL),
        ("a@", ContactProblem.NOT_AN_EMAIL),
        ("a@localhost", ContactProblem.NOT_AN_EMAIL),
        ("a@[192.0.2.1]", ContactProblem.NOT_AN_EMAIL),
        ("a@192.0.2.1", ContactProblem.NOT_AN_EMAIL),
        ("a@-b.cn", ContactProblem.NOT_AN_EMAIL),
        ("a@b-.cn", ContactProblem.NOT_AN_EMAIL),
        ("a@b..cn", ContactProblem.NOT_AN_EMAIL),
        ("a@b.cn.", ContactProblem.NOT_AN_EMAIL),
        ("a@" + "b" * 64 + ".cn", ContactProblem.NOT_AN_EMAIL),
        (".a@b.cn", ContactProblem.NOT_AN_EMAIL),
        ("a.@b.cn", ContactProblem.NOT_AN_EMAIL),
        ("a..b@b.cn", ContactProblem.NOT_AN_EMAIL),
        ("a b@b.cn", ContactProblem.NOT_AN_EMAIL),
        ('"a"@b.cn', ContactProblem.NOT_AN_EMAIL),
        ("a@b.cn\n", ContactProblem.NOT_AN_EMAIL),
        ("a@b.cn\r\nBcc: c@d.cn", ContactProblem.NOT_AN_EMAIL),
        ("a@b.cn\x00", ContactProblem.NOT_AN_EMAIL),
        ("<a@b.cn>", ContactProblem.NOT_AN_EMAIL),
    ],
)
def test_other_addresses_are_refused(text: str, problem: ContactProblem) -> None:
    """No second @, no literal, no quoting, no line break that could add a header."""
    assert parse_email(text) == Refused(problem)


@given(any_text | st.text(alphabet="+86139 -０１", max_size=20) | st.text(alphabet="aA1@.-", max_size=20))
def test_no_text_makes_them_raise(text: str) -> None:
    """Any text is answered, and what is accepted parses to itself."""
    for parse in (parse_mobile, parse_email):
        result = parse(text)
        if isinstance(result, Ok):
            assert parse(result.value) == result
