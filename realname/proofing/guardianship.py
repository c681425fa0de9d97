"""Who acts for a minor, and until when: pure rules (Civil Code arts. 17-27; PIPL art. 31).

A guardian is an adult whose own number was proved; a minor is below 18. That one is the other's guardian is told by
the register or by the documents that a counter saw, never by the two themselves. Below 14 a child has no credentials
and the guardian does everything; from the 14th birthday on they have an account of their own, into which a guardian
has no way, and until the 18th the guardian still agrees to what asks for one. Ages are civil dates in China.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from idp.persons.vocabulary import MandateScope
from realname.documents.birth_date import AGE_OF_MAJORITY, AGE_OF_OWN_CONSENT, birthday, civil_age

#: The identity level below which nobody is anybody's guardian.
LEAST_IAL = 2
_AGES = {MandateScope.ACCOUNT: AGE_OF_OWN_CONSENT, MandateScope.GUARDIAN: AGE_OF_MAJORITY}


class ProvenBy(StrEnum):
    """What shows that one is the other's guardian."""

    REGISTER = "register"
    COUNTER = "counter"


class GuardianProblem(StrEnum):
    """Why somebody cannot be a guardian."""

    NOT_ACTIVE = "not_active"
    NOT_PROVED = "not_proved"
    NOT_ADULT = "not_adult"


@dataclass(frozen=True, slots=True)
class Adult:
    """What is known of whoever would be a guardian; `birth_date` is None where their document says none.

    Somebody who died is not active from the moment at which it is reported.
    """

    is_active: bool
    has_current_number: bool
    ial: int
    birth_date: date | None


def problem_of(adult: Adult, today: date) -> GuardianProblem | None:
    """Return why this person cannot be anybody's guardian, None where they can."""
    if not adult.is_active:
        return GuardianProblem.NOT_ACTIVE
    if adult.ial < LEAST_IAL or not adult.has_current_number:
        return GuardianProblem.NOT_PROVED
    if adult.birth_date is None or civil_age(adult.birth_date, today) < AGE_OF_MAJORITY:
        return GuardianProblem.NOT_ADULT
    return None


def is_minor(birth_date: date | None, today: date) -> bool:
    """Tell whether whoever was born then is below 18; False where the birth is not known."""
    return birth_date is not None and birth_date <= today and civil_age(birth_date, today) < AGE_OF_MAJORITY


def scopes_of(birth_date: date, today: date) -> Mapping[MandateScope, date]:
    """Return what a guardian may do for whoever was born then, and the civil day with whose beginning each ends."""
    ends = {scope: birthday(birth_date, years) for scope, years in _AGES.items()}
    return {scope: end for scope, end in ends.items() if end > today}
