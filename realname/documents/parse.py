"""The one parse function for document numbers: the type comes from here, never from a request."""

import re
from datetime import date

from idp.core.results import Ok, Refused
from realname.documents.document_number import DocumentNumber, DocumentProblem
from realname.documents.folding import fold_number
from realname.documents.foreigner_card import read_foreigner_card, read_old_foreigner_card
from realname.documents.residence_permit import PERMIT_PREFIXES, read_residence_permit
from realname.documents.resident_number import read_resident_number, upgrade_resident_number
from realname.documents.travel_documents import read_hk_macao_travel_permit, read_taiwan_travel_permit

#: Longer texts are refused unread; 18 characters with spaces between them fit well.
MAX_TYPED_LENGTH = 100

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN_DIGITS = re.compile(r"[0-9]{15}")
_OLD_FOREIGNER_CARD = re.compile(r"[A-Z]{3}[0-9]{12}")
_HK_MACAO_PERMIT = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?")
_TAIWAN_PERMIT = re.compile(r"[0-9]{8}(?:[0-9]{2})?")
_ALPHANUMERIC = re.compile(r"[0-9A-Z]+")
_KNOWN_LENGTHS = frozenset({8, 9, 10, 11, 15, 18})


def parse_number(text: str, *, today: date) -> Ok[DocumentNumber] | Refused:
    """Return the document number that `text` is, whatever its type, or a `DocumentProblem`.

    Spaces, full-width digits and letters and lower case are folded; nothing else is forgiven.
    `today` is the civil day (`idp.core.clock.civil_date`); births after it are refused. Never raises.
    """
    if len(text) > MAX_TYPED_LENGTH:
        return Refused(DocumentProblem.LENGTH)
    number = fold_number(text)
    if not number:
        return Refused(DocumentProblem.EMPTY)
    if not _ALPHANUMERIC.fullmatch(number):
        return Refused(DocumentProblem.CHARACTERS)
    if _EIGHTEEN.fullmatch(number):
        return _read_eighteen(number, today)
    if _FIFTEEN_DIGITS.fullmatch(number):
        return _read_fifteen_digits(number, today)
    if _OLD_FOREIGNER_CARD.fullmatch(number):
        return read_old_foreigner_card(number, today=today)
    if _HK_MACAO_PERMIT.fullmatch(number):
        return Ok(read_hk_macao_travel_permit(number))
    if _TAIWAN_PERMIT.fullmatch(number):
        return Ok(read_taiwan_travel_permit(number))
    known = len(number) in _KNOWN_LENGTHS
    return Refused(DocumentProblem.CHARACTERS if known else DocumentProblem.LENGTH)


def _read_eighteen(number: str, today: date) -> Ok[DocumentNumber] | Refused:
    if number[0] == "0":  # GB/T 2260: regions are 1 to 8
        return Refused(DocumentProblem.NOT_A_DOCUMENT)
    if number[0] == "9":  # the first digit tells foreigners from citizens
        return read_foreigner_card(number, today=today)
    if number.startswith(PERMIT_PREFIXES):
        return read_residence_permit(number, today=today)
    return read_resident_number(number, today=today)


def _read_fifteen_digits(number: str, today: date) -> Ok[DocumentNumber] | Refused:
    # Only citizens ever had 15 digits; an upgrade of these prefixes would read back as another type.
    if number[0] in "09" or number.startswith(PERMIT_PREFIXES):
        return Refused(DocumentProblem.NOT_A_DOCUMENT)
    return upgrade_resident_number(number, today=today)
