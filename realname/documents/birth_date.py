"""Birth dates inside document numbers, and ages counted from them."""

from datetime import date

#: Nobody born earlier can hold a document that this room knows.
EARLIEST_BIRTH = date(1850, 1, 1)
#: Below this age nobody agrees by themselves to what is done with their data (PIPL art. 31).
AGE_OF_OWN_CONSENT = 14
#: Below this age a guardian acts for somebody (Civil Code arts. 17-27).
AGE_OF_MAJORITY = 18


def read_birth_date(digits: str, *, today: date) -> date | None:
    """Return the day that eight ASCII digits YYYYMMDD name, or None.

    None where the calendar has no such day, where it lies after `today` or before 1850.
    """
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return day if EARLIEST_BIRTH <= day <= today else None


def civil_age(birth_date: date, today: date) -> int:
    """Return the full years of age on the civil day `today`; a year is complete on the birthday.

    Who was born on 29 February completes the year on 1 March where the year has no such day: of the two
    readings the later one, so that nothing tied to an age begins early. Raises ValueError if `today` is
    before the birth.
    """
    if today < birth_date:
        raise ValueError("the day lies before the birth")
    before_birthday = (today.month, today.day) < (birth_date.month, birth_date.day)
    return today.year - birth_date.year - before_birthday


def birthday(birth_date: date, years: int) -> date:
    """Return the civil day on which so many full years are complete, by the same reading as `civil_age`."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def needs_guardian(birth_date: date | None, today: date) -> bool:
    """Tell whether a guardian must bring whoever was born then; False where the document says no birth."""
    return birth_date is not None and civil_age(birth_date, today) < AGE_OF_OWN_CONSENT
