"""Where each field stands in the 256 bytes of text that a card's chip gives (GA/T 490 and its successors).

The text is UTF-16LE; fields are cut by bytes and padded with spaces. The letter at byte 248 tells the layouts
apart: a citizen's card has nothing there. Nation, address and issuing office are in the block and read by nobody.
"""

from dataclasses import dataclass

from realname.documents.document_number import DocumentType

#: The whole text block.
BLOCK_LENGTH = 256
#: Where every layout has its letter, or a space.
FLAG = slice(248, 250)


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of what is read; a field of several places continues from one into the next."""

    type: DocumentType
    number: slice
    sex: slice
    birth_date: slice
    valid_from: slice
    valid_until: slice
    chinese_name: slice
    latin_name: tuple[slice, ...] = ()
    number_length: int = 18
    replacements: slice | None = None
    previous: slice | None = None


def _citizen(document_type: DocumentType) -> Layout:
    return Layout(
        type=document_type,
        chinese_name=slice(0, 30),
        sex=slice(30, 32),
        birth_date=slice(36, 52),
        number=slice(122, 158),
        valid_from=slice(188, 204),
        valid_until=slice(204, 220),
    )


_FOREIGNER_2017 = Layout(
    type=DocumentType.FOREIGNER_PERMANENT_RESIDENCE,
    latin_name=(slice(0, 120),),
    sex=slice(120, 122),
    number=slice(122, 152),
    number_length=15,
    chinese_name=slice(158, 188),
    valid_from=slice(188, 204),
    valid_until=slice(204, 220),
    birth_date=slice(220, 236),
)
_FOREIGNER_2023 = Layout(
    type=DocumentType.FOREIGNER_PERMANENT_RESIDENCE,
    chinese_name=slice(0, 30),
    sex=slice(30, 32),
    replacements=slice(32, 36),
    birth_date=slice(36, 52),
    latin_name=(slice(52, 122), slice(220, 242)),
    number=slice(122, 158),
    valid_from=slice(188, 204),
    valid_until=slice(204, 220),
    previous=slice(250, 256),
)

#: By the letter at byte 248.
LAYOUTS = {
    " ": _citizen(DocumentType.RESIDENT_ID),
    "J": _citizen(DocumentType.HMT_RESIDENCE_PERMIT),
    "I": _FOREIGNER_2017,
    "Y": _FOREIGNER_2023,
}
