"""A parsed number does not show itself."""

from hypothesis import given

from idp.core.results import Ok
from realname.documents.parse import parse_number
from tests.unit.realname.documents.numbers import TODAY, eighteen_character_numbers


@given(eighteen_character_numbers)
def test_repr_shows_neither_number_nor_birth_date_nor_division(number: str) -> None:
    """A log line or a traceback with the object in it keeps the number secret."""
    result = parse_number(number, today=TODAY)
    assert isinstance(result, Ok)
    for shown in (repr(result), str(result.value), f"{result.value}", repr([result.value])):
        assert number[0] + "*" * 16 + number[17] in shown
        assert not any(number[place : place + 4] in shown for place in range(15))
        assert "datetime" not in shown


def test_a_refusal_carries_only_the_reason() -> None:
    """A refused text does not travel inside the refusal."""
    result = parse_number("110105194912310021", today=TODAY)
    assert "1101051949" not in repr(result)


def test_two_readings_of_one_number_are_equal() -> None:
    """Numbers compare by value and may stand in sets."""
    readings = {parse_number(text, today=TODAY) for text in ("11010519491231002X", "11010519491231002x")}
    assert len(readings) == 1
