"""The permits by which people of Hong Kong, Macao and Taiwan travel to the mainland.

Their first nine (letter and eight digits) or eight characters are for life; two further digits on older
cards count renewals and are dropped, so that a renewal does not make a second person. There is no check
digit. Passports are not here: their number needs the issuing state beside it and ends with the booklet.
"""

from realname.documents.document_number import DocumentNumber, DocumentType


def read_hk_macao_travel_permit(number: str) -> DocumentNumber:
    """Read H or M, eight digits and perhaps two that count renewals."""
    return DocumentNumber(type=DocumentType.HK_MACAO_TRAVEL_PERMIT, canonical=number[:9])


def read_taiwan_travel_permit(number: str) -> DocumentNumber:
    """Read eight digits and perhaps two that count renewals."""
    return DocumentNumber(type=DocumentType.TAIWAN_TRAVEL_PERMIT, canonical=number[:8])
