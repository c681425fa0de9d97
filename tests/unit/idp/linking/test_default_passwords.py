"""Passwords that anybody who knows a person would try prove nothing."""

from datetime import date

import pytest

from idp.linking.contents import LegacyRow
from idp.linking.default_passwords import BadPattern, DefaultKind, DefaultPasswords, RowFacts, check_pattern, facts_of
from idp.persons.password_policy import PasswordPolicy

BORN = date(1990, 3, 7)
FACTS = RowFacts(
    number="33990119900307124X",
    birth_date=BORN,
    mobile="154 0000 1234",
    login="Zhang.San",
    account_ref="GR0004711",
)


PATTERNS = ["Zw@{number:-6}", "gov-online{number}", "{birth:-4}{mobile:-4}", "{login:3}#{account_ref}", "Welcome2020"]


class Defaults:
    """Asks with the patterns of one system."""

    def __init__(self):
        policy = PasswordPolicy(citizen_length=10, staff_length=15, blocklist=["iloveyou"])
        self.real = DefaultPasswords(policy=policy)

    def kind_of(self, password, facts, patterns=PATTERNS):
        return self.real.kind_of(password, facts, patterns=patterns)


@pytest.fixture(scope="module")
def defaults():
    return Defaults()


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("07124x", DefaultKind.NUMBER),
        ("07124X", DefaultKind.NUMBER),
        ("0307124X", DefaultKind.NUMBER),
        ("307124", DefaultKind.NUMBER),  # the last six without the letter
        ("33990119900307124x", DefaultKind.NUMBER),
        ("339901900307124", DefaultKind.NUMBER),  # the number of 15 digits
        ("19900307", DefaultKind.BIRTH_DATE),
        ("900307", DefaultKind.BIRTH_DATE),
        ("1990-03-07", DefaultKind.BIRTH_DATE),
        ("15400001234", DefaultKind.MOBILE),
        ("001234", DefaultKind.MOBILE),
        ("zhang.san", DefaultKind.LOGIN),
        ("GR0004711", DefaultKind.ACCOUNT_REF),
        ("004711", DefaultKind.ACCOUNT_REF),
        ("zw@07124x", DefaultKind.PATTERN),
        ("03071234", DefaultKind.PATTERN),
        ("welcome2020", DefaultKind.PATTERN),
        ("123456", DefaultKind.COMMON),
        ("888888", DefaultKind.COMMON),
        ("ILOVEYOU", DefaultKind.COMMON),
        ("", DefaultKind.COMMON),
    ],
)
def test_what_others_would_try_is_recognised(defaults, password, kind):
    assert defaults.kind_of(password, FACTS) is kind


@pytest.mark.parametrize("password", ["07125x", "19900308", "15400001235", "zhang.san2", "qh8-Nian-tou", "x" * 300])
def test_what_only_its_owner_knows_is_none(defaults, password):
    assert defaults.kind_of(password, FACTS) is None


def test_another_persons_facts_make_no_default(defaults):
    assert defaults.kind_of("15400001234", FACTS) is DefaultKind.MOBILE
    assert defaults.kind_of("15400001234", RowFacts(mobile="15400009999")) is None


def test_a_row_that_says_nothing_makes_nothing_a_default(defaults):
    """An empty field must not turn every password into one that ends in it."""
    assert defaults.kind_of("gov-online", RowFacts()) is None
    assert defaults.kind_of("qh8-Nian-tou", RowFacts()) is None


def test_a_birth_date_that_contradicts_the_number_counts_as_well(defaults):
    facts = RowFacts(number=FACTS.number, birth_date=date(1991, 1, 2))
    assert defaults.kind_of("19910102", facts) is DefaultKind.BIRTH_DATE
    assert defaults.kind_of("19900307", facts) is DefaultKind.BIRTH_DATE


@pytest.mark.parametrize("number", ["３３９９", "33990119901399124X", "没有", "1" * 15, "33990119900２07124X"])
def test_a_number_that_is_none_raises_nothing(defaults, number):
    assert defaults.kind_of("qh8-Nian-tou", RowFacts(number=number)) is None


@pytest.mark.parametrize("pattern", ["{password}", "{number:-6", "number}", "", "x" * 200, "{number:x}"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern):
    with pytest.raises(BadPattern):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_that_can_is_taken(pattern):
    check_pattern(pattern)


def test_patterns_are_those_of_one_system(defaults):
    assert defaults.kind_of("zha#GR0004711", FACTS) is DefaultKind.PATTERN
    assert defaults.kind_of("zha#GR0004711", FACTS, patterns=()) is None


def test_the_facts_are_those_of_the_row(defaults):
    row = LegacyRow(reference="GR1", number=FACTS.number, birth_date="1991-01-02 00:00:00", mobile="15400001234")
    assert facts_of(row).birth_date == date(1991, 1, 2)
    assert facts_of(LegacyRow(reference="GR1", birth_date="1991-02-31")).birth_date is None
    assert defaults.kind_of("19910102", facts_of(row)) is DefaultKind.BIRTH_DATE


def test_no_fact_shows_in_a_repr():
    assert "1990" not in repr(FACTS)
