"""Valid made-up document numbers, also for the tests of other rooms."""

from datetime import date

from hypothesis import strategies as st

TODAY = date(2026, 11, 21)

_WEIGHTS = [2**power % 11 for power in range(17, 0, -1)]


def check_character(digits: str) -> str:
    """Return the MOD 11-2 character, computed from powers of two and not from the table under test."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    value = (12 - rest) % 11
    return "X" if value == 10 else str(value)


def make_resident_number(division: str = "110105", birth: str = "19900307", sequence: str = "123") -> str:
    """Return the valid made-up number of 18 characters with these parts."""
    body = division + birth + sequence
    return body + check_character(body)


def make_foreigner_number(
    province: str = "32", nationality: str = "682", birth: str = "19850101", sequence: str = "001"
) -> str:
    """Return the valid made-up number of a foreigner's card of the new form."""
    return make_resident_number("9" + province + nationality, birth, sequence)


births = st.dates(min_value=date(1850, 1, 1), max_value=TODAY).map(lambda day: day.strftime("%Y%m%d"))
sequences = st.integers(0, 999).map("{:03d}".format)
provinces = st.sampled_from(
    [*range(11, 16), 21, 22, 23, *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71]
).map(str)
_counties = st.integers(0, 9999).map("{:04d}".format)
_divisions = st.builds("{}{}".format, provinces, _counties)
_foreigner_prefixes = st.builds("9{}{:03d}".format, provinces, st.integers(0, 999))

resident_numbers = st.builds(make_resident_number, _divisions, births, sequences)
permit_numbers = st.builds(make_resident_number, st.sampled_from(["810000", "820000", "830000"]), births, sequences)
foreigner_numbers = st.builds(make_resident_number, _foreigner_prefixes, births, sequences)
eighteen_character_numbers = st.one_of(resident_numbers, permit_numbers, foreigner_numbers)

#: Every code point, lone surrogates and NUL included.
any_text = st.text(alphabet=st.characters(exclude_categories=()))
