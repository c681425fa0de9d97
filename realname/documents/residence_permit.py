"""The number of the residence permit for people of Hong Kong, Macao and Taiwan (issued since 2018-09-01)."""

from datetime import date

from idp.core.results import Ok, Refused
from realname.documents.birth_date import read_birth_date
from realname.documents.check_character import mod_11_2
from realname.documents.document_number import (
    DocumentNumber,
    DocumentProblem,
    DocumentType,
    DocumentWarning,
)
from realname.documents.resident_number import sex_of

#: The first two digits that tell such a permit from a citizen's number.
PERMIT_PREFIXES = ("81", "82", "83")

_PERMIT_DIVISIONS = frozenset({"810000", "820000", "830000"})


def read_residence_permit(number: str, *, today: date) -> Ok[DocumentNumber] | Refused:
    """Read seventeen ASCII digits and a check character as a residence permit; structure of GB 11643-1999."""
    birth_date = read_birth_date(number[6:14], today=today)
    if birth_date is None:
        return Refused(DocumentProblem.BIRTH_DATE)
    if mod_11_2(number[:17]) != number[17]:
        return Refused(DocumentProblem.CHECK_DIGIT)
    known = number[:6] in _PERMIT_DIVISIONS
    return Ok(
        DocumentNumber(
            type=DocumentType.HMT_RESIDENCE_PERMIT,
            canonical=number,
            birth_date=birth_date,
            sex=sex_of(number),
            division_code=number[:6],
            warnings=() if known else (DocumentWarning.UNKNOWN_DIVISION,),
        )
    )
