"""The foreigner's permanent residence card: 18 characters since 2023-12-01, 15 before.

Both forms are valid until they expire, and the same person changes number when the card is replaced.
The sex is left open: no published rule says that the sequence encodes it.
"""

from datetime import date

from idp.core.results import Ok, Refused
from realname.documents.birth_date import read_birth_date
from realname.documents.check_character import icao_7_3_1, mod_11_2
from realname.documents.document_number import (
    DocumentNumber,
    DocumentProblem,
    DocumentType,
    DocumentWarning,
)

#: The last day on which cards of the old form were issued.
OLD_FORM_ENDED = date(2023, 11, 30)


def read_foreigner_card(number: str, *, today: date) -> Ok[DocumentNumber] | Refused:
    """Read the new form: 9, province (2), nationality in figures (3), YYYYMMDD, sequence (3), check."""
    birth_date = read_birth_date(number[6:14], today=today)
    if birth_date is None:
        return Refused(DocumentProblem.BIRTH_DATE)
    if mod_11_2(number[:17]) != number[17]:
        return Refused(DocumentProblem.CHECK_DIGIT)
    return Ok(
        DocumentNumber(
            type=DocumentType.FOREIGNER_PERMANENT_RESIDENCE,
            canonical=number,
            birth_date=birth_date,
            division_code=number[1:3],
            nationality=number[3:6],
        )
    )


def read_old_foreigner_card(number: str, *, today: date) -> Ok[DocumentNumber] | Refused:
    """Read the old form: nationality in letters (3), area (4), YYMMDD, sequence (1), check (1).

    The number names no century: the birth date is None where both 19YY and 20YY are possible.
    """
    last = min(today, OLD_FORM_ENDED)
    readings = (read_birth_date(century + number[7:13], today=last) for century in ("19", "20"))
    days = [day for day in readings if day is not None]
    if not days:
        return Refused(DocumentProblem.BIRTH_DATE)
    # The rule of this digit is known from samples only, so a mismatch is doubted and not refused.
    sound = icao_7_3_1(number[:14]) == number[14]
    return Ok(
        DocumentNumber(
            type=DocumentType.FOREIGNER_PERMANENT_RESIDENCE,
            canonical=number,
            birth_date=days[0] if len(days) == 1 else None,
            division_code=number[3:7],
            nationality=number[:3],
            warnings=() if sound else (DocumentWarning.CHECK_DIGIT,),
        )
    )
