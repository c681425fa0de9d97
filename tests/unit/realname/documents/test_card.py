"""Reading a card's text: all four layouts, and for each refusal the same card without the fault beside it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.results import Ok, Refused
from realname.documents.card import CardProblem, CardText, read_card
from realname.documents.document_number import DocumentType, Sex
from tests.support.cards import CITIZEN, FOREIGNER_2017, FOREIGNER_2023, PERMIT, MadeUpCard

TODAY = date(2026, 3, 2)
ALL = {"citizen": CITIZEN, "permit": PERMIT, "2017": FOREIGNER_2017, "2023": FOREIGNER_2023}


def read(card: MadeUpCard | bytes, *, today: date = TODAY) -> CardText:
    found = read_card(card if isinstance(card, bytes) else card.block(), today=today)
    assert isinstance(found, Ok), found
    return found.value


def refused(card: MadeUpCard | bytes, *, today: date = TODAY) -> CardProblem:
    found = read_card(card if isinstance(card, bytes) else card.block(), today=today)
    assert isinstance(found, Refused), found
    return CardProblem(found.reason)


def at(card: MadeUpCard, place: int, raw: bytes) -> bytes:
    """Return the card's block with something else at a place."""
    block = bytearray(card.block())
    block[place : place + len(raw)] = raw
    return bytes(block)


def test_a_citizens_card() -> None:
    """Name, number, sex, birth and validity; one without end has no last day."""
    card = read(CITIZEN)
    assert (card.number.type, card.number.canonical) == (DocumentType.RESIDENT_ID, CITIZEN.number)
    assert (card.name, card.latin_name, card.sex) == ("张小明", None, Sex.FEMALE)
    assert (card.birth_date, card.valid_from, card.valid_until) == (date(1949, 12, 31), date(2020, 1, 1), None)
    assert (card.name_may_be_cut, card.has_private_use) == (False, False)
    assert (card.replacements, card.previous) == (None, None)


def test_a_residence_permit() -> None:
    """J is for people of Hong Kong, Macao and Taiwan; the number of their travel permit is left out."""
    card = read(PERMIT)
    assert (card.number.type, card.name) == (DocumentType.HMT_RESIDENCE_PERMIT, "陳小文")
    assert card.valid_until == date(2030, 1, 1)


def test_a_foreigners_card_of_2017() -> None:
    """I has a Latin name and mostly a Chinese one, which is the one to go by."""
    card = read(FOREIGNER_2017)
    assert (card.number.canonical, card.name) == (FOREIGNER_2017.number, "证件样本")
    assert (card.latin_name, card.sex) == ("ZHENGJIAN, YANGBEN", Sex.FEMALE)
    assert card.number.type is DocumentType.FOREIGNER_PERMANENT_RESIDENCE


def test_a_foreigners_card_of_2023() -> None:
    """Y says what came before it; who has no Chinese name goes by the Latin one."""
    card = read(FOREIGNER_2023)
    assert (card.name, card.latin_name) == ("ZHENGJIAN YANGBEN", "ZHENGJIAN YANGBEN")
    assert (card.replacements, card.previous) == ("01", "001")


def test_a_latin_name_goes_on_in_its_second_field() -> None:
    """The cards of 2023 hold 35 characters, and 11 more in another place."""
    name = "WOLFESCHLEGELSTEINHAUSENBERGER JOHANN FRIED"
    assert read(FOREIGNER_2023.but(latin=name)).name == name
    full = name.ljust(46, "X")
    assert read(FOREIGNER_2023.but(latin=full)).name_may_be_cut
    assert not read(FOREIGNER_2023.but(latin=full[:45])).name_may_be_cut


def test_a_name_that_fills_its_field_may_go_on() -> None:
    """Fifteen units are all there is: a longer name is cut, and nobody can tell from the card."""
    assert not read(CITIZEN.but(name="阿卜杜拉·买买提")).name_may_be_cut
    assert not read(CITIZEN.but(name="阿" * 14)).name_may_be_cut
    assert read(CITIZEN.but(name="阿" * 15)).name_may_be_cut
    # The Chinese name is the one to go by; that the Latin one is full says nothing about it.
    assert not read(FOREIGNER_2017.but(latin="X" * 60)).name_may_be_cut


def test_a_rare_character_may_be_cut_in_half() -> None:
    """Characters of the second plane take two units; a half one at the end is left out, elsewhere it is refused."""
    whole = read(CITIZEN.but(name="阿" * 13 + "𠂇"))
    assert (whole.name, whole.name_may_be_cut) == ("阿" * 13 + "𠂇", True)
    half = read(CITIZEN.but(name="阿" * 14 + "\ud840"))
    assert (half.name, half.name_may_be_cut) == ("阿" * 14, True)
    assert refused(CITIZEN.but(name="阿\ud840阿")) is CardProblem.CHARACTERS
    assert refused(CITIZEN.but(name="阿" * 14 + "\udc00")) is CardProblem.CHARACTERS


@pytest.mark.parametrize("char", ["\ue000", "\uf8ff", "\U000f0000"])
def test_private_characters_are_told(char: str) -> None:
    """They mean what some office says they mean, so a clerk must look at the printed card."""
    card = read(CITIZEN.but(name=f"张{char}"))
    assert card.has_private_use and card.name == f"张{char}"
    assert not read(CITIZEN.but(name="张𠂇")).has_private_use


def test_lengths() -> None:
    """256 bytes and not one more or less."""
    block = CITIZEN.block()
    for wrong in (b"", block[:-1], block + b" ", block + b" \0", block * 2):
        assert refused(wrong) is CardProblem.LENGTH


@pytest.mark.parametrize("flag", ["A", "j", "0", "\ud800", "\0"])
def test_layouts_that_nobody_knows(flag: str) -> None:
    """Another letter at byte 248 is refused, whatever the rest looks like."""
    assert refused(at(CITIZEN, 248, flag.encode("utf-16-le", "surrogatepass"))) is CardProblem.LAYOUT


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    "number",
    [
        "",
        "110105194912310021",
        "11010519491231002x",
        "１1010519491231002X",
        "1101051949123100",
        "H12345678",
        "E12345678",
    ],
)
def test_numbers_that_no_card_has(kind: str, number: str) -> None:
    """Missing, with a wrong check character, in another spelling than the police's, of another document."""
    card = ALL[kind]
    assert read(card)
    assert refused(card.but(number=number[:15] if kind == "2017" else number)) is CardProblem.NUMBER


@pytest.mark.parametrize(("kind", "other"), [(a, b) for a in ALL for b in ALL if {a, b} != {a}])
def test_a_number_belongs_to_its_layout(kind: str, other: str) -> None:
    """A permit's number on a citizen's card, and so on: somebody put two cards together."""
    number, own = ALL[other].number, ALL[kind]
    if kind == "2017":
        number = number[:15]
    if own.number != number:
        assert refused(own.but(number=number)) is CardProblem.NUMBER


@pytest.mark.parametrize("kind", ["citizen", "permit"])
@pytest.mark.parametrize("sex", ["", "0", "9", "3", "男"])
def test_the_sex_agrees_with_the_number(kind: str, sex: str) -> None:
    """The seventeenth digit says it, so the chip says the same."""
    card = ALL[kind]
    other = {"1": "2", "2": "1"}[card.sex]
    assert read(card).sex is read(card).number.sex
    assert refused(card.but(sex=other)) is CardProblem.SEX
    assert refused(card.but(sex=sex)) is CardProblem.SEX


@pytest.mark.parametrize("kind", ["2017", "2023"])
def test_a_foreigners_sex_may_be_open(kind: str) -> None:
    """Their numbers say nothing of it; the codes are those of GB/T 2261.1."""
    card = ALL[kind]
    assert [read(card.but(sex=code)).sex for code in "1290"] == [Sex.MALE, Sex.FEMALE, None, None]
    assert [refused(card.but(sex=code)) for code in ("", "3", "M")] == [CardProblem.SEX] * 3


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    "birth", ["", "1949123", "19491301", "19490229", "18491231", "20990101", "194912 1", "１9491231"]
)
def test_births_that_cannot_be(kind: str, birth: str) -> None:
    """No day of the calendar, one that is too early or to come, other characters than ASCII digits."""
    assert refused(ALL[kind].but(birth=birth)) is CardProblem.BIRTH_DATE


@pytest.mark.parametrize("kind", ALL)
def test_the_birth_agrees_with_the_number(kind: str) -> None:
    """A day beside the one in the number is another person's."""
    card = ALL[kind]
    day = date.fromisoformat(card.birth)
    assert read(card).birth_date == day
    assert refused(card.but(birth=f"{day - timedelta(days=1):%Y%m%d}")) is CardProblem.BIRTH_DATE


def test_an_old_number_without_century_still_says_the_day() -> None:
    """010203 is of 1901 or 2001: the card says which, but no other day."""
    card = FOREIGNER_2017.but(number="KAZ110001020300")
    assert [read(card.but(birth=birth)).birth_date.year for birth in ("19010203", "20010203")] == [1901, 2001]
    for birth in ("20010204", "18510203", "20020203"):
        assert refused(card.but(birth=birth)) is CardProblem.BIRTH_DATE


@pytest.mark.parametrize("kind", ALL)
def test_a_card_counts_from_its_first_day_through_its_last(kind: str) -> None:
    """Civil days: the day itself is good on both ends."""
    card = ALL[kind].but(valid_from="20250101", valid_until="20260302")
    assert read(card, today=date(2026, 3, 2)).valid_until == date(2026, 3, 2)
    assert refused(card, today=date(2026, 3, 3)) is CardProblem.EXPIRED
    assert read(card, today=date(2025, 1, 1)).valid_from == date(2025, 1, 1)
    assert refused(card, today=date(2024, 12, 31)) is CardProblem.NOT_YET_VALID


@pytest.mark.parametrize(
    ("first", "last"),
    [("", "长期"), ("20200101", ""), ("20201301", "长期"), ("20200101", "20200231"), ("长期", "长期"),
     ("20200101", "永久"), ("20200101", "20191231"), ("2020010", "长期"), ("２0200101", "长期")],
)  # fmt: skip
def test_validities_that_cannot_be_read(first: str, last: str) -> None:
    """Neither a day nor 长期, or an end before the beginning."""
    assert refused(CITIZEN.but(valid_from=first, valid_until=last)) is CardProblem.DATES


@pytest.mark.parametrize("kind", ALL)
def test_a_card_without_a_name(kind: str) -> None:
    """Nobody is nobody's evidence; spaces are no name."""
    assert refused(ALL[kind].but(name="", latin="")) is CardProblem.NAME
    assert refused(ALL[kind].but(name="   ", latin=" ")) is CardProblem.NAME


@pytest.mark.parametrize("char", ["\0", "\n", "\x7f", "\x85", "\u202e", "\u200b", "\u2028", "\ufeff"])
def test_characters_that_no_card_shows(char: str) -> None:
    """Control and formatting characters would make a clerk's page say something else than the card."""
    assert refused(CITIZEN.but(name=f"张{char}明")) is CardProblem.CHARACTERS
    assert refused(FOREIGNER_2017.but(latin=f"A{char}B")) is CardProblem.CHARACTERS
    assert refused(FOREIGNER_2023.but(previous=f"1{char}")) is CardProblem.CHARACTERS


def test_nothing_of_a_card_is_in_its_repr() -> None:
    """A log or a traceback that shows one shows nobody's name, number or birth."""
    for card in ALL.values():
        shown = repr(read(card))
        for secret in (card.number, card.name or "ZHENGJIAN", card.birth, str(read(card).birth_date)):
            assert secret not in shown


_NAMES = st.text(st.sampled_from("张王阿买提陈·𠂇\ue123A Z"), min_size=1, max_size=7).filter(
    lambda name: name.strip(" ")
)


@given(name=_NAMES, first=st.dates(date(2000, 1, 1), TODAY), days=st.integers(0, 9_000))
def test_what_is_written_is_read(name: str, first: date, days: int) -> None:
    """Encode, read, compare, for all layouts with any name and validity."""
    last = TODAY + timedelta(days=days)
    for made in ALL.values():
        card = read(made.but(name=name, valid_from=f"{first:%Y%m%d}", valid_until=f"{last:%Y%m%d}"))
        assert (card.name, card.valid_from, card.valid_until) == (name.strip(" "), first, last)
        assert (card.number.canonical, f"{card.birth_date:%Y%m%d}") == (made.number, made.birth)


@given(block=st.binary(min_size=256, max_size=256))
def test_no_bytes_are_an_error_of_ours(block: bytes) -> None:
    """Whatever a reader hands over is a card or a problem."""
    assert isinstance(read_card(block, today=TODAY), Ok | Refused)


@given(place=st.integers(0, 255), value=st.integers(0, 255), kind=st.sampled_from(sorted(ALL)))
def test_one_wrong_byte_is_no_error_of_ours(place: int, value: int, kind: str) -> None:
    """Nor is a card that is almost right."""
    assert isinstance(read_card(at(ALL[kind], place, bytes([value])), today=TODAY), Ok | Refused)
