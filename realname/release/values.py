"""The values of identity claims, computed from what was proved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from realname.documents.birth_date import civil_age
from realname.documents.document_number import DocumentNumber
from realname.documents.masking import mask_number
from realname.release.countries import nationality_of
from realname.release.identity_claims import AGES, IDENTITY_CLAIMS, age_claim
from realname.release.languages import script_of_name, script_of_tag

#: A claim's value.
Value = str | bool
_SEXES = ("male", "female")  # OpenID Connect Core §5.1, gender


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a person, with the identity level of whoever said it (1 the person alone)."""

    value: str = field(repr=False)
    level: int


@dataclass(frozen=True, slots=True)
class Proved:
    """What stands behind a person's identity on the civil day `today`.

    `ial` is the highest valid proofing's, `number` the one that is current, never one that is only claimed or is
    disputed. Facts count as far as their own level goes.
    """

    ial: int
    today: date
    number: DocumentNumber | None = None
    full_name: Fact | None = None
    birth_date: Fact | None = None
    gender: Fact | None = None


def values_of(proved: Proved) -> dict[str, Value]:
    """Return every identity claim that may be told of the person; what may not is left out (OIDC Core §5.3.2)."""
    values: dict[str, Value] = {}
    for name, claim in IDENTITY_CLAIMS.items():
        value = _COMPUTED[name](proved, claim.least_ial) if proved.ial >= claim.least_ial else None
        if value is not None:
            values[name] = value
    return values


def tagged_values(values: Mapping[str, Value], wanted: str) -> Value | None:
    """Return the value of a claim asked for as `wanted`, which may carry a language tag; None where there is none."""
    name, has_tag, tag = wanted.partition("#")
    value = values.get(name)
    if not has_tag:
        return value
    script = script_of_tag(tag) if name == "real_name" else None
    return value if script is not None and isinstance(value, str) and script_of_name(value) == script else None


def _fact(fact: Fact | None, least: int) -> str | None:
    return fact.value if fact is not None and fact.level >= least and fact.value else None


def _birth_date(proved: Proved, least: int) -> date | None:
    # The number goes first: it is what was compared with the register.
    if proved.number is not None and proved.number.birth_date is not None:
        return proved.number.birth_date
    told = _fact(proved.birth_date, least)
    try:
        return date.fromisoformat(told) if told is not None else None
    except ValueError:  # a year alone is a birthdate too (OIDC Core §5.1), but no day
        return None


def _gender(proved: Proved, least: int) -> str | None:
    if proved.number is not None and proved.number.sex is not None:
        return str(proved.number.sex)
    told = _fact(proved.gender, least)
    return told if told in _SEXES else None


def _age_over(years: int) -> Callable[[Proved, int], bool | None]:
    def is_over(proved: Proved, least: int) -> bool | None:
        born = _birth_date(proved, least)
        # 民法典 art. 1259: with 以上 the year itself counts, from the birthday on by the civil day. Criminal law
        # counts from the day after (法释〔2006〕1号 art. 2), which no claim here is made for.
        return civil_age(born, proved.today) >= years if born is not None and born <= proved.today else None

    return is_over


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


_COMPUTED: Mapping[str, Callable[[Proved, int], Value | None]] = {
    "real_name": lambda proved, least: _fact(proved.full_name, least),
    "id_number": lambda proved, _: proved.number.canonical if proved.number else None,
    "id_number_masked": lambda proved, _: mask_number(proved.number.canonical, strict=True) if proved.number else None,
    "birthdate": lambda proved, least: _iso(_birth_date(proved, least)),
    "gender": _gender,
    "nationality": lambda proved, _: nationality_of(proved.number) if proved.number else None,
    **{age_claim(years): _age_over(years) for years in AGES},
}
