"""The values of identity claims: from which proof, at which level, in which form."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realname.documents.masking import mask_number
from realname.release.countries import nationality_of
from realname.release.identity_claims import APPROVABLE, IDENTITY_CLAIMS, PROVED_ITEMS, claims_covered
from realname.release.values import Fact, Proved, tagged_values, values_of
from tests.unit.realname.documents.numbers import (
    eighteen_character_numbers,
    make_foreigner_number,
    make_resident_number,
)
from tests.unit.realname.release.proofs import NAME, NUMBER, TODAY, parsed, proved

FACTS = st.one_of(st.none(), st.builds(Fact, st.sampled_from(["male", "1990-03-07", NAME]), st.integers(1, 4)))
PROOFS = st.builds(
    Proved,
    ial=st.integers(1, 4),
    today=st.just(TODAY),
    number=st.one_of(st.none(), eighteen_character_numbers.map(parsed)),
    full_name=FACTS,
    birth_date=FACTS,
    gender=FACTS,
)


def test_everything_that_a_citizens_number_says() -> None:
    """Name and number found in the register give every claim of the table."""
    values = values_of(proved())
    assert values.keys() == IDENTITY_CLAIMS.keys()
    assert values == {
        "real_name": NAME,
        "id_number": NUMBER,
        "id_number_masked": NUMBER[0] + "*" * 16 + NUMBER[-1],
        "birthdate": "1990-03-07",
        "gender": "male",
        "nationality": "CHN",
        "age_over_14": True,
        "age_over_16": True,
        "age_over_18": True,
        "age_over_60": False,
    }


def test_level_one_gives_nothing() -> None:
    """What a person only typed is no identity, whatever lies beside it; from level 2 on it is."""
    assert values_of(proved(ial=1)) == {}
    assert values_of(proved(ial=2)) == values_of(proved(ial=3)) == values_of(proved(ial=4)) != {}


@given(PROOFS)
def test_raising_a_level_never_releases_less(lower: Proved) -> None:
    """One step up, in the person's level or in that of a fact, keeps every value that there was."""
    before = values_of(lower)
    higher = [replace(lower, ial=lower.ial + 1)]
    for name in ("full_name", "birth_date", "gender"):
        fact = getattr(lower, name)
        if fact is not None:
            higher.append(replace(lower, **{name: Fact(fact.value, fact.level + 1)}))
    for each in higher:
        assert before.items() <= values_of(each).items()


@given(PROOFS)
def test_no_value_is_null_and_none_is_unknown(someone: Proved) -> None:
    """A claim that cannot be told is left out (OpenID Connect Core §5.3.2)."""
    values = values_of(someone)
    assert values.keys() <= IDENTITY_CLAIMS.keys()
    assert all(isinstance(value, bool) or value for value in values.values())


def test_without_a_current_number_only_the_name_is_told() -> None:
    """A number that is claimed or disputed is not handed in at all, and gives neither age nor sex."""
    assert values_of(proved(None)) == {"real_name": NAME}


def test_what_the_person_typed_is_not_told_as_proved() -> None:
    """A fact counts as far as its own level goes; the same fact from a proof is told."""
    for level, known in ((1, set()), (2, {"real_name"})):
        assert values_of(replace(proved(None), full_name=Fact(NAME, level))).keys() == known


def test_the_number_goes_before_what_was_proved_beside_it() -> None:
    """Proved facts fill in only where the document says nothing."""
    facts = {"birth_date": Fact("2001-02-03", 4), "gender": Fact("female", 4)}
    assert values_of(replace(proved(), **facts))["birthdate"] == "1990-03-07"
    beside = values_of(replace(proved("H12345678"), **facts))
    assert (beside["birthdate"], beside["gender"], beside["age_over_18"]) == ("2001-02-03", "female", True)
    # A year alone is a birthdate of OpenID Connect, but no day to count from.
    assert "age_over_18" not in values_of(replace(proved("H12345678"), birth_date=Fact("2001", 4)))


@pytest.mark.parametrize(
    ("birth", "today", "is_over"),
    [
        ("20081121", date(2026, 11, 20), False),  # the day before
        ("20081121", date(2026, 11, 21), True),  # 民法典 art. 1259: the birthday itself counts
        ("20081122", date(2026, 11, 21), False),
        ("20080229", date(2026, 2, 28), False),  # no such day in 2026: a day later, never a day early
        ("20080229", date(2026, 3, 1), True),
    ],
)
def test_an_age_is_reached_on_the_birthday(birth: str, today: date, is_over: bool) -> None:
    """Counted by civil days, and known without the date being told."""
    values = values_of(proved(make_resident_number(birth=birth), today=today))
    assert values["age_over_18"] is is_over


def test_a_leap_day_is_reached_on_itself_in_a_leap_year() -> None:
    """Sixteen years after 29 February 2008 there is such a day again."""
    number = make_resident_number(birth="20080229")
    reached = [values_of(proved(number, today=date(2024, 2, day)))["age_over_16"] for day in (28, 29)]
    assert reached == [False, True]


@pytest.mark.parametrize(
    ("number", "nationality"),
    [
        (NUMBER, "CHN"),
        (make_resident_number("810000"), "CHN"),  # issued to Chinese citizens of Hong Kong, Macao and Taiwan
        ("12345678", "CHN"),  # Taiwan travel permit
        ("H12345678", None),  # given to residents of other nationalities too
        (make_foreigner_number(nationality="682"), "SAU"),
        (make_foreigner_number(nationality="999"), None),  # no country
        (make_foreigner_number(nationality="156"), None),  # a foreigner's card of a citizen: nobody's
        (make_foreigner_number(nationality="344"), None),
        ("KAZ110090123105", "KAZ"),
        ("XXA110090123105", None),
    ],
)
def test_nationality_only_where_it_is_certain(number: str, nationality: str | None) -> None:
    """Three letters of ISO 3166-1 and ICAO Doc 9303, by kind and number of the document."""
    assert nationality_of(parsed(number)) == nationality


def test_the_old_card_with_two_centuries_has_no_birth_date() -> None:
    """Where the number leaves it open, neither a date nor an age is told."""
    assert not {"birthdate", "age_over_18", "gender"} & values_of(proved("KAZ110010123105")).keys()


@given(eighteen_character_numbers)
def test_masking_is_strict(number: str) -> None:
    """Two characters stay: the common form with ten of them leaves a few thousand candidates."""
    masked = values_of(proved(number))["id_number_masked"]
    assert masked == mask_number(number, strict=True)
    assert str(masked).count("*") == 16


@pytest.mark.parametrize(
    ("name", "answered", "left_out"),
    [
        ("张小明", ("real_name#zh-Hans-CN", "real_name#zh", "real_name#zh-Hant"), ("real_name#bo", "real_name#en")),
        ("བསོད་ནམས", ("real_name#bo", "real_name#bo-CN"), ("real_name#zh-Hans-CN", "real_name#ug")),
        ("ئالىم", ("real_name#ug-CN", "real_name#ug-Arab-CN"), ("real_name#zh", "real_name#ug-Latn")),
        ("阿里木·买买提", ("real_name#zh-CN",), ("real_name#ug",)),
        ("ZHANG Xiaoming", ("real_name#en", "real_name#zh-Latn"), ("real_name#zh-Hans",)),
        ("李A明", (), ("real_name#zh", "real_name#en")),
    ],
)
def test_a_tagged_name_is_told_in_the_script_that_it_is_written_in(
    name: str, answered: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    """Nothing is transcribed: the name as the register writes it, or none (OpenID Connect Core §5.2)."""
    values = values_of(proved(name=name))
    assert all(tagged_values(values, each) == name for each in (*answered, "real_name"))
    assert all(tagged_values(values, each) is None for each in left_out)


@pytest.mark.parametrize("tag", ["", "zh_CN", "zh-", "xx", "zh-Zzzz", "12", "z" * 40, "zh-Hans-CN-\n"])
def test_a_tag_of_no_known_form_or_script_is_not_answered(tag: str) -> None:
    """Whatever stands behind the hash sign."""
    assert tagged_values(values_of(proved()), f"real_name#{tag}") is None


def test_only_names_have_languages() -> None:
    """A tag on another claim asks for something that there is not."""
    assert tagged_values(values_of(proved()), "id_number#zh") is None


def test_scopes_cover_claims_and_some_claims_have_none() -> None:
    """Three scopes; birth date, sex and nationality are asked for by name alone."""
    assert claims_covered(["openid", "identity"]) == {"real_name", "id_number_masked"}
    assert claims_covered(["id_number"]) == {"id_number"}
    assert claims_covered(["age"]) == {"age_over_14", "age_over_16", "age_over_18", "age_over_60"}
    without = {name for name, claim in IDENTITY_CLAIMS.items() if claim.scope is None}
    assert without == {"birthdate", "gender", "nationality"}
    assert {"identity", "age", "verified_claims"} <= PROVED_ITEMS and "identity" not in APPROVABLE
