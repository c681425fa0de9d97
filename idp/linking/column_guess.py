"""The likely column of each field, by the names of the columns and by what stands in them.

Every pair of column and field gets a worth; the worthiest pairs win, each column and each field once. What a header
says counts most; values decide between two columns of a like name, speak against a name that misleads, and stand in
where there is no header.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from idp.linking.column_shapes import TELLING, Shape, birth_in_number, is_male_in_number, shape_of
from idp.linking.column_words import field_of_word
from idp.linking.columns import DATES, ColumnMap, Field
from idp.linking.date_formats import read_date

_WHOLE_WORD, _PART_OF_WORD = 1.0, 0.7
_LEAST = 0.45
# A column with fewer such values has another meaning, or none that can be told by looking.
_MANY, _SOME = 0.6, 0.3
_AGREES = 0.8
_MALE, _FEMALE = frozenset({"1", "男", "男性", "m", "male"}), frozenset({"2", "女", "女性", "f", "female"})


class Why(StrEnum):
    """What a guess rests on."""

    NAME = "name"
    PART_OF_NAME = "part_of_name"
    NAME_AND_VALUES = "name_and_values"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a column is taken for a field; `confidence` is between 0 and 1."""

    field: Field
    column: str
    confidence: float
    why: Why


@dataclass(frozen=True, slots=True)
class Guess:
    """The likely columns, to be shown and corrected, with a reason for each."""

    columns: ColumnMap
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    worth: float
    place: int
    field: Field
    why: Why


def guess(header: Sequence[str], sample_rows: Sequence[Sequence[str]]) -> Guess:
    """Return the likely column of each field; fields without one are left out. Rows have the header's length."""
    shapes = [shape_of([row[place] for row in sample_rows]) for place in range(len(header))]
    pairs = [pair for place, name in enumerate(header) for pair in _by_name(place, name, shapes[place])]
    named = {pair.place for pair in pairs}
    pairs += [pair for place in range(len(header)) if place not in named for pair in _by_values(place, shapes[place])]
    pairs += _by_the_number(shapes, sample_rows, named)
    chosen = _choose(pairs)
    if Field.REFERENCE not in chosen:
        chosen |= _reference(shapes, {pair.place for pair in chosen.values()})
    columns = {each: header[pair.place] for each, pair in chosen.items()}
    dates = {
        each: found for each, pair in chosen.items() if each in DATES and (found := shapes[pair.place].date_format)
    }
    reasons = tuple(
        Reason(each, header[pair.place], round(min(1.0, pair.worth), 2), pair.why) for each, pair in chosen.items()
    )
    return Guess(ColumnMap(columns, dates), reasons)


def _by_name(place: int, name: str, shape: Shape) -> Iterator[_Pair]:
    found = field_of_word(name)
    if found is None:
        return
    each, is_whole = found
    worth = _WHOLE_WORD if is_whole else _PART_OF_WORD
    share = shape.shares.get(each, 0.0)
    if each in TELLING and shape.filled and share >= _SOME:
        yield _Pair(worth + share / 2, place, each, Why.NAME_AND_VALUES)
    elif each in DATES and shape.date_format:
        yield _Pair(worth + 0.5, place, each, Why.NAME_AND_VALUES)
    else:
        yield _Pair(worth, place, each, Why.NAME if is_whole else Why.PART_OF_NAME)


def _by_values(place: int, shape: Shape) -> Iterator[_Pair]:
    for each, share in shape.shares.items():
        if share >= _MANY:
            yield _Pair(0.6 * share, place, each, Why.VALUES)
    if not any(share >= _MANY for share in shape.shares.values()):
        if shape.is_unique and shape.is_counted and not shape.date_format:
            yield _Pair(0.5, place, Field.REFERENCE, Why.VALUES)
        if shape.could_be_salt:
            yield _Pair(_LEAST, place, Field.SALT, Why.VALUES)
    if shape.date_format:
        # The first of several, for `_choose` keeps the order among equals.
        yield _Pair(0.5, place, Field.REGISTERED_AT, Why.VALUES)
        yield _Pair(0.49, place, Field.UPDATED_AT, Why.VALUES)


def _by_the_number(shapes: list[Shape], rows: Sequence[Sequence[str]], named: set[int]) -> Iterator[_Pair]:
    """Yield the columns that say what the number says as well: the birth, the sex."""
    by_number = max(range(len(shapes)), key=lambda place: shapes[place].shares[Field.NUMBER], default=None)
    if by_number is None or shapes[by_number].shares[Field.NUMBER] < _MANY:
        return
    births = [birth_in_number(row[by_number]) for row in rows]
    males = [is_male_in_number(row[by_number]) for row in rows]
    for place, shape in enumerate(shapes):
        if place in named:
            continue
        if shape.date_format and _agreement(
            [_is_birth(row[place], shape.date_format, birth) for row, birth in zip(rows, births, strict=True)]
        ):
            yield _Pair(1.0, place, Field.BIRTH_DATE, Why.VALUES)
        if shape.could_be_gender and _agreement(
            [_is_sex(row[place], is_male) for row, is_male in zip(rows, males, strict=True)]
        ):
            yield _Pair(1.0, place, Field.GENDER, Why.VALUES)


def _agreement(found: list[bool | None]) -> bool:
    told = [each for each in found if each is not None]
    return len(told) > 2 and sum(told) >= _AGREES * len(told)


def _is_birth(value: str, pattern: str, birth: str | None) -> bool | None:
    day = read_date(value.strip(), pattern)
    return None if day is None or birth is None else day.strftime("%Y%m%d").endswith(birth)


def _is_sex(value: str, is_male: bool | None) -> bool | None:
    text = value.strip().lower()
    if is_male is None or text not in _MALE | _FEMALE:
        return None
    return (text in _MALE) == is_male


def _choose(pairs: list[_Pair]) -> dict[Field, _Pair]:
    chosen: dict[Field, _Pair] = {}
    taken: set[int] = set()
    for pair in sorted(pairs, key=lambda pair: -pair.worth):
        if pair.worth >= _LEAST and pair.field not in chosen and pair.place not in taken:
            chosen[pair.field] = pair
            taken.add(pair.place)
    return chosen


def _reference(shapes: list[Shape], taken: set[int]) -> dict[Field, _Pair]:
    """Return the first column that differs in every row and is nothing else."""
    for place, shape in enumerate(shapes):
        if place not in taken and shape.is_unique and not any(share >= _MANY for share in shape.shares.values()):
            return {Field.REFERENCE: _Pair(0.5, place, Field.REFERENCE, Why.VALUES)}
    return {}
