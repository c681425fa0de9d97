"""What a parsed document number is, and the reasons for which one is refused or doubted."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from realname.documents.masking import mask_number


class DocumentType(StrEnum):
    """The kinds of documents whose number alone tells which kind it is."""

    RESIDENT_ID = "resident_id"
    HMT_RESIDENCE_PERMIT = "hmt_residence_permit"
    FOREIGNER_PERMANENT_RESIDENCE = "foreigner_permanent_residence"
    HK_MACAO_TRAVEL_PERMIT = "hk_macao_travel_permit"
    TAIWAN_TRAVEL_PERMIT = "taiwan_travel_permit"


class Sex(StrEnum):
    """The sex that a number encodes."""

    MALE = "male"
    FEMALE = "female"


class DocumentProblem(StrEnum):
    """Why a text is not a document number."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"
    BIRTH_DATE = "birth_date"
    CHECK_DIGIT = "check_digit"
    NOT_A_DOCUMENT = "not_a_document"


class DocumentWarning(StrEnum):
    """Why a well-formed number must be looked at by a human before it is matched."""

    CENTURY_UNCERTAIN = "century_uncertain"
    CHECK_DIGIT = "check_digit"
    UNKNOWN_DIVISION = "unknown_division"


@dataclass(frozen=True, slots=True, repr=False)
class DocumentNumber:
    """A well-formed document number; its repr shows the masked number and nothing derived from it.

    `canonical` is the form to index and compare, together with `type`. `birth_date`, `sex`,
    `division_code` and `nationality` are what the number itself says, None where it says nothing
    certain; a division code has the length that the document gives it. `upgraded` is true where an
    18-character number was made from a 15-digit one.
    """

    type: DocumentType
    canonical: str
    birth_date: date | None = None
    sex: Sex | None = None
    division_code: str | None = None
    nationality: str | None = None
    upgraded: bool = False
    warnings: tuple[DocumentWarning, ...] = ()

    @property
    def needs_review(self) -> bool:
        """Tell whether a human must look at the number before it decides a match."""
        return bool(self.warnings)

    def __repr__(self) -> str:
        return f"DocumentNumber({self.type}, {mask_number(self.canonical, strict=True)})"
