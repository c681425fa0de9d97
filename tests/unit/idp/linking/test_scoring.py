"""What agreement and difference of fields say: a chance that orders cases, and percentages that explain it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.linking.scoring import Described, score

NUMBER, OTHER_NUMBER = "11010519491231002X", "440308199901010012"
NAME, MOBILE = "张小明", "+8615412345678"
PERSON = Described(NUMBER, (NAME,), MOBILE, "19491231")


def chance(**row: object) -> float:
    return score(Described(**row), PERSON).chance  # type: ignore[arg-type]


def test_more_agreement_is_a_higher_chance() -> None:
    nothing = chance()
    name = chance(names=(NAME,))
    with_mobile = chance(names=(NAME,), mobile=MOBILE)
    with_number = chance(names=(NAME,), mobile=MOBILE, number=NUMBER)
    assert nothing < name < with_mobile < with_number
    assert with_number > 0.99


def test_a_slip_in_the_number_is_nearly_the_number() -> None:
    slip = NUMBER[:8] + "84" + NUMBER[10:]
    assert chance(names=(NAME,), number=slip) > 100 * chance(names=(NAME,), number=OTHER_NUMBER)


def test_another_name_on_the_number_speaks_against_it() -> None:
    assert chance(number=NUMBER, names=("李四光",)) < chance(number=NUMBER, names=("张小朋",)) < 0.99


def test_a_former_name_counts_as_well_as_the_present_one() -> None:
    person = Described(NUMBER, ("李大明", NAME))
    assert score(Described(NUMBER, (NAME,)), person) == score(Described(NUMBER, (NAME,)), Described(NUMBER, (NAME,)))


def test_of_the_texts_only_percentages_are_kept() -> None:
    found = score(Described(NUMBER, ("张晓明",), "+8616300000000"), PERSON)
    assert found.evidence == {"number": 100, "name": 33, "mobile": 0}
    for text in (NUMBER, NAME, MOBILE):
        assert text not in repr((PERSON, found))


@pytest.mark.parametrize("field", ["number", "mobile", "birth_date"])
def test_what_one_side_does_not_say_counts_for_nothing(field: str) -> None:
    assert score(Described(**{field: "1"}), Described()).evidence == {}  # type: ignore[arg-type]


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_every_text_has_a_chance(number: str, name: str, mobile: str) -> None:
    found = score(Described(number, (name,), mobile, number), PERSON)
    assert 0 <= found.chance <= 1
    assert all(0 <= percent <= 100 for percent in found.evidence.values())
