"""Folding of typed text to the ASCII form in which numbers are kept (GB 11643-1999 canonical form)."""

#: Characters that one may type between the digits of a number: space and ideographic space.
NUMBER_SPACES = "\u0020\u3000"

# U+FF01-FF5E mirror U+0021-007E; only digits and letters are folded, so that full-width
# punctuation is still refused as what it is.
_FULL_WIDTH_OFFSET = 0xFEE0
_DIGITS_AND_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_FOLD: dict[int, str] = {ord(char): char.upper() for char in _DIGITS_AND_LETTERS}
_FOLD |= {ord(char) + _FULL_WIDTH_OFFSET: char.upper() for char in _DIGITS_AND_LETTERS}
_FOLD |= {ord(char): "" for char in NUMBER_SPACES}


def fold_number(text: str) -> str:
    """Return `text` without spaces, full-width digits and letters as ASCII, letters upper-case.

    Every other character stays as it is, for the caller to refuse.
    """
    return text.translate(_FOLD)
