"""How numbers and names are shown to whoever need not see them whole.

No national rule says how; these are the common forms. Masked text is for people to recognise, not to compare.
"""

import re
import unicodedata

from realname.documents.names import MIDDLE_DOTS, NAME_SPACES, TSHEGS

_MAINLAND_MOBILE = re.compile(r"(?:\+86)?(1[0-9]{2})[0-9]{4}([0-9]{4})")
_SEPARATORS = re.compile("([" + re.escape(MIDDLE_DOTS + NAME_SPACES + TSHEGS) + "]+)")
_JOINERS = "\u200c\u200d"


def mask_number(number: str, *, strict: bool = False) -> str:
    """Return a document number with its middle starred.

    18 characters keep six and four, which hides only the birth date: a few thousand candidates. Strictly,
    and for every other length, only the first and the last stay: the form for screens in halls and kiosks.
    """
    if len(number) == 18 and not strict:
        return number[:6] + "*" * 8 + number[14:]
    return _mask_middle(list(number))


def mask_mobile(mobile: str) -> str:
    """Return a mainland mobile number, bare or E.164, as 138****1234; anything else strictly masked."""
    match = _MAINLAND_MOBILE.fullmatch(mobile)
    return f"{match[1]}****{match[2]}" if match else _mask_middle(list(mobile))


def mask_name(name: str) -> str:
    """Return a name with all but its first and last character starred, or all but its first part.

    Two characters keep the first; one is hidden. A name of parts (middle dot, space, Tibetan tsheg) keeps
    the first part. Letters are never torn from their vowel signs.
    """
    pieces = _SEPARATORS.split(name)
    parts = [piece for piece in pieces[::2] if piece]
    if len(parts) < 2:
        return _mask_middle(_clusters("".join(parts)))
    return _mask_after_first(pieces)


def _mask_after_first(pieces: list[str]) -> str:
    shown: list[str] = []
    first_is_shown = False
    for place, piece in enumerate(pieces):
        is_part = place % 2 == 0 and piece != ""
        shown.append("*" * len(_clusters(piece)) if is_part and first_is_shown else piece)
        first_is_shown = first_is_shown or is_part
    return "".join(shown)


def _mask_middle(characters: list[str]) -> str:
    """Keep the first and last of three and more; of two the first; of one none."""
    if len(characters) < 2:
        return "*" * len(characters)
    if len(characters) == 2:
        return characters[0] + "*"
    return characters[0] + "*" * (len(characters) - 2) + characters[-1]


def _clusters(text: str) -> list[str]:
    """Split into letters with the marks and variation selectors that belong to them."""
    clusters: list[str] = []
    for char in text:
        if clusters and (unicodedata.category(char).startswith("M") or char in _JOINERS):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters
