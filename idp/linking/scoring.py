"""How likely a candidate of a case is meant: each field weighed by what agreement and difference say (Fellegi, Sunter).

Run in a worker over the few rows that nothing else decides; of the texts only percentages are kept. It orders and
explains cases, and never decides one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from realname.documents.names import name_match_key


class Compared(StrEnum):
    """The fields that are compared."""

    NUMBER = "number"
    NAME = "name"
    MOBILE = "mobile"
    BIRTH_DATE = "birth_date"


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of one side; empty where nothing is. `names` are all that they have or had."""

    number: str = field(default="", repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)
    mobile: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Score:
    """The chance that both sides are one person, between 0 and 1, and how alike each field is, in percent."""

    chance: float
    evidence: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Weight:
    """How often a field agrees where it is one person, and where it is two."""

    same: float
    different: float

    def bits(self, likeness: float) -> float:
        """Return what a likeness between 0 and 1 says; between the two it says proportionally less."""
        agree = math.log2(self.same / self.different)
        disagree = math.log2((1 - self.same) / (1 - self.different))
        return disagree + (agree - disagree) * likeness


# Assumed, as those of the generator's errors: a number is rarely another's, a household shares one mobile, two
# people of one name are many.
_WEIGHTS: Mapping[Compared, _Weight] = {
    Compared.NUMBER: _Weight(0.97, 0.00002),
    Compared.NAME: _Weight(0.95, 0.002),
    Compared.MOBILE: _Weight(0.7, 0.0005),
    Compared.BIRTH_DATE: _Weight(0.98, 0.0003),
}
#: That somebody of the register at large is meant: one in a million.
_PRIOR_BITS = -20.0
# Below this two texts are as different as any two.
_LEAST_ALIKE = 0.5


def score(row: Described, person: Described) -> Score:
    """Compare what a row and a person say; what either does not say counts for nothing."""
    alike = {
        name: likeness
        for name, likeness in (
            (Compared.NUMBER, _alike(row.number, person.number)),
            (Compared.NAME, _alike_names(row.names, person.names)),
            (Compared.MOBILE, _same(row.mobile, person.mobile)),
            (Compared.BIRTH_DATE, _same(row.birth_date, person.birth_date)),
        )
        if likeness is not None
    }
    bits = _PRIOR_BITS + sum(_WEIGHTS[name].bits(likeness) for name, likeness in alike.items())
    return Score(
        1 / (1 + 2 ** -max(min(bits, 60.0), -60.0)), {str(name): round(100 * each) for name, each in alike.items()}
    )


def _alike_names(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float | None:
    pairs = [_alike(name_match_key(one), name_match_key(other)) for one in ours for other in theirs if one and other]
    return max((each for each in pairs if each is not None), default=None)


def _alike(one: str, other: str) -> float | None:
    """Return 1 for equal texts, 0 for those with little in common; a swap or a slip of one character is near 1."""
    if not one or not other:
        return None
    ratio = 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()
    return max(0.0, (ratio - _LEAST_ALIKE) / (1 - _LEAST_ALIKE))


def _same(one: str, other: str) -> float | None:
    return None if not one or not other else float(one == other)
