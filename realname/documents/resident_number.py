"""The citizen's number (GB 11643-1999) and its 15-digit predecessor (GB 11643-1989)."""

import re
from datetime import date

from idp.core.results import Ok, Refused
from realname.documents.birth_date import read_birth_date
from realname.documents.check_character import mod_11_2
from realname.documents.document_number import (
    DocumentNumber,
    DocumentProblem,
    DocumentType,
    DocumentWarning,
    Sex,
)

# GB/T 2260: the first two digits of every division that ever was a province. No finer table is
# consulted: a number keeps the code that was in force when it was assigned, not at birth.
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71")

# GB 11643-1989: these sequence numbers were kept for persons aged a hundred and more.
_CENTENARIAN_SEQUENCES = frozenset({"996", "997", "998", "999"})


def sex_of(number: str) -> Sex:
    """Return the sex in an 18-character number: the 17th digit is odd for men (GB 11643-1999)."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def read_resident_number(number: str, *, today: date) -> Ok[DocumentNumber] | Refused:
    """Read seventeen ASCII digits and a check character as a citizen's number."""
    birth_date = read_birth_date(number[6:14], today=today)
    if birth_date is None:
        return Refused(DocumentProblem.BIRTH_DATE)
    if mod_11_2(number[:17]) != number[17]:
        return Refused(DocumentProblem.CHECK_DIGIT)
    return Ok(_resident(number, birth_date))


def upgrade_resident_number(number: str, *, today: date) -> Ok[DocumentNumber] | Refused:
    """Read fifteen ASCII digits as a citizen's number of before 1999 and give it its 18 characters.

    The number has no check digit, so a slip of the pen passes. Sequences 996-999 meant persons born
    in the century before; those upgrades carry the warning `century_uncertain`.
    """
    centenarian = number[12:] in _CENTENARIAN_SEQUENCES
    # A year of the 1800s in which nobody can have been born leaves 19 as the only reading.
    for century in ("18", "19") if centenarian else ("19",):
        digits = number[:6] + century + number[6:]
        birth_date = read_birth_date(digits[6:14], today=today)
        if birth_date is not None:
            doubts = (DocumentWarning.CENTURY_UNCERTAIN,) if centenarian else ()
            return Ok(_resident(digits + mod_11_2(digits), birth_date, upgraded=True, doubts=doubts))
    return Refused(DocumentProblem.BIRTH_DATE)


def _resident(
    number: str, birth_date: date, *, upgraded: bool = False, doubts: tuple[DocumentWarning, ...] = ()
) -> DocumentNumber:
    if not _PROVINCES.fullmatch(number[:2]):
        doubts = (*doubts, DocumentWarning.UNKNOWN_DIVISION)
    return DocumentNumber(
        type=DocumentType.RESIDENT_ID,
        canonical=number,
        birth_date=birth_date,
        sex=sex_of(number),
        division_code=number[:6],
        upgraded=upgraded,
        warnings=doubts,
    )
