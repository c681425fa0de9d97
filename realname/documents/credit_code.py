"""The unified social credit code (GB 32100-2015) and the organisation code inside it (GB 11714)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from idp.core.results import Ok, Refused
from realname.documents.folding import fold_number

#: Longer texts are refused unread.
MAX_TYPED_LENGTH = 100

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_SHAPE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")

# Registering department and kind of organisation, with the amendment XG1-2016.
_KNOWN_KINDS = re.compile("1[1239]|2[19]|3[1-59]|4[19]|5[1-59]|6[129]|7[129]|8[19]|9[123]|A[19]|G1|J1|N[1239]|Y1")


class CreditCodeProblem(StrEnum):
    """Why a text is not a credit code."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECK_CHARACTER = "check_character"


class CreditCodeWarning(StrEnum):
    """What is odd about a credit code that was accepted."""

    CHECK_CHARACTER = "check_character"
    ORGANISATION_CODE = "organisation_code"
    UNKNOWN_KIND = "unknown_kind"


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A credit code: `kind` its first two characters, `organisation_code` its places 9 to 17."""

    canonical: str
    kind: str
    division_code: str
    organisation_code: str
    warnings: tuple[CreditCodeWarning, ...] = ()


def parse_credit_code(text: str, *, confirmed_by_register: bool = False) -> Ok[CreditCode] | Refused:
    """Return the credit code that `text` is, or a `CreditCodeProblem`; never raises.

    Codes in use exist whose check character is wrong: `confirmed_by_register`, set where an operator or the
    register vouches for the code, turns that refusal into a warning.
    """
    if len(text) > MAX_TYPED_LENGTH:
        return Refused(CreditCodeProblem.LENGTH)
    code = fold_number(text)
    if not code:
        return Refused(CreditCodeProblem.EMPTY)
    if not _SHAPE.fullmatch(code):
        same_length = len(code) == 18
        return Refused(CreditCodeProblem.CHARACTERS if same_length else CreditCodeProblem.LENGTH)
    warnings: list[CreditCodeWarning] = []
    if _check_character(code[:17]) != code[17]:
        if not confirmed_by_register:
            return Refused(CreditCodeProblem.CHECK_CHARACTER)
        warnings.append(CreditCodeWarning.CHECK_CHARACTER)
    organisation_code = code[8:17]
    if _organisation_check(organisation_code[:8]) != organisation_code[8]:
        warnings.append(CreditCodeWarning.ORGANISATION_CODE)
    if not _KNOWN_KINDS.fullmatch(code[:2]):
        warnings.append(CreditCodeWarning.UNKNOWN_KIND)
    return Ok(CreditCode(code, code[:2], code[2:8], organisation_code, tuple(warnings)))


def _check_character(body: str) -> str:
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


def _organisation_check(body: str) -> str:
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[(11 - total % 11) % 11]  # GB 11714: 10 is written X, 11 is written 0
