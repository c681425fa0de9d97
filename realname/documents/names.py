"""Real names: what is kept as written, and the key under which two spellings are the same name.

The name stays as police or card give it: even NFC would change compatibility ideographs. Only the match
key, which is never shown, is folded. There is one full name: many names have no surname and given name.
"""

import unicodedata
from enum import StrEnum

from idp.core.results import Ok, Refused

#: The separator that minority names must carry (notice 民委发〔2016〕33号; GB 18030 A1A4).
MIDDLE_DOT = "\u00b7"

#: What keyboards, fonts and older systems write instead, in this order: bullet, hyphenation point, bullet
#: operator, dot operator, katakana middle dot in full and half width, Greek ano teleia, full-width full stop,
#: one dot leader, small full stop, ASCII full stop. NFC folds only the ano teleia.
MIDDLE_DOT_VARIANTS = "\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387\uff0e\u2024\ufe52."

MIDDLE_DOTS = MIDDLE_DOT + MIDDLE_DOT_VARIANTS

#: Space, no-break space, narrow no-break space (Mongolian suffixes) and ideographic space.
NAME_SPACES = "\u0020\u00a0\u202f\u3000"

#: The Tibetan syllable mark and its form that does not break the line.
TSHEGS = "\u0f0b\u0f0c"

#: 33号 asks for 50 half-width characters at least; foreigners' cards hold 46.
MAX_NAME_LENGTH = 50

_MAX_TYPED_LENGTH = 200
_MONGOLIAN_VOWEL_SEPARATOR = "\u180e"
_HYPHENS_AND_APOSTROPHES = "-\u2010\u2011'\u2018\u2019"
_PUNCTUATION = frozenset(MIDDLE_DOTS + NAME_SPACES + TSHEGS + _HYPHENS_AND_APOSTROPHES + _MONGOLIAN_VOWEL_SEPARATOR)

# Letters by category that show nothing at all: a name of them would look empty.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")

# Han outside the letter categories, or newer than the running Python's tables: the numeral 〇, the radicals
# that GB 18030 uses as characters, planes 2 and 3 whole (they hold ideographs only).
_HAN_RANGES = ((0x3007, 0x3007), (0x2E80, 0x2EF3), (0x2F00, 0x2FD5), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD))

# GB 18030-2000/2005 gave these fourteen ideographs private-use code points (bytes FE51-FEA0), and systems of
# that age, as Python's codec, still do; Unicode has had them since 4.1 (document L2/06-394). Other private
# use is an office's own and stays as it is: such names match within one source, or by a clerk's decision.
_PRIVATE_USE = {
    0xE816: 0x20087,
    0xE817: 0x20089,
    0xE818: 0x200CC,
    0xE81E: 0x9FB4,
    0xE826: 0x9FB5,
    0xE82B: 0x9FB6,
    0xE82C: 0x9FB7,
    0xE831: 0x215D7,
    0xE832: 0x9FB8,
    0xE83B: 0x2298F,
    0xE843: 0x9FB9,
    0xE854: 0x9FBA,
    0xE855: 0x241FE,
    0xE864: 0x9FBB,
}

_KEY_FOLD: dict[int, int | None] = {
    **_PRIVATE_USE,
    **{ord(dot): ord(MIDDLE_DOT) for dot in MIDDLE_DOT_VARIANTS},
    **{ord(space): None for space in NAME_SPACES},
}


class NameProblem(StrEnum):
    """Why a text is not a name."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"


def clean_name(text: str) -> Ok[str] | Refused:
    """Return the name as written, without spaces around it, or a `NameProblem`; never raises.

    Letters of every script with their marks, Han of all planes, private-use characters, middle dots, tsheg,
    spaces, hyphens and apostrophes are allowed, and it starts with a letter; digits, controls,
    formatting characters, symbols and lone surrogates are not.
    """
    if len(text) > _MAX_TYPED_LENGTH:
        return Refused(NameProblem.LENGTH)
    name = text.strip(NAME_SPACES)
    if not name:
        return Refused(NameProblem.EMPTY)
    if len(name) > MAX_NAME_LENGTH:
        return Refused(NameProblem.LENGTH)
    if not _is_letter(name[0]) or not all(_may_stand_in_name(char) for char in name):
        return Refused(NameProblem.CHARACTERS)
    return Ok(name)


def name_match_key(name: str) -> str:
    """Return the key that is equal for two spellings of one name: never shown, never stored in clear.

    Canonical caseless form (Unicode §3.13 D145, composed), every dot of `MIDDLE_DOT_VARIANTS` as U+00B7, no
    spaces, known private-use code points as their ideographs. Idempotent.
    """
    folded = unicodedata.normalize("NFD", name.translate(_KEY_FOLD))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", folded.casefold()))


def _is_letter(char: str) -> bool:
    if char in _FILLERS:
        return False
    category = unicodedata.category(char)
    if category.startswith("L") or category == "Co":
        return True
    return any(first <= ord(char) <= last for first, last in _HAN_RANGES)


def _may_stand_in_name(char: str) -> bool:
    return char in _PUNCTUATION or _is_letter(char) or unicodedata.category(char).startswith("M")
