"""The check characters of document numbers: ISO 7064 MOD 11-2 and ICAO 7-3-1."""

# GB 11643-1999: weights are 2^(18-i) mod 11, left to right.
_MOD_11_2_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOD_11_2_CHARACTERS = "10X98765432"

# ICAO Doc 9303 part 3 §4.9.
_ICAO_WEIGHTS = (7, 3, 1)


def mod_11_2(digits: str) -> str:
    """Return the check character (0-9 or X) of seventeen ASCII digits (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _MOD_11_2_WEIGHTS, strict=True))
    return _MOD_11_2_CHARACTERS[total % 11]


def icao_7_3_1(text: str) -> str:
    """Return the check digit of upper-case ASCII letters (A = 10 .. Z = 35) and digits."""
    total = sum(int(char, 36) * _ICAO_WEIGHTS[place % 3] for place, char in enumerate(text))
    return str(total % 10)
