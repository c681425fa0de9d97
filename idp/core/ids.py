"""Random identifiers and secrets, all from the operating system's generator."""

import secrets

# Digits and capitals without those that are taken for one another: 0 O, 1 I L.
_READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_id() -> str:
    """Return an opaque identifier of 128 random bits: 22 characters of base64url."""
    return secrets.token_urlsafe(16)


def new_secret() -> str:
    """Return a bearer secret of 256 random bits: 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def new_numeric_code(digits: int) -> str:
    """Return a one-time code of `digits` decimal digits, each equally likely."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def new_readable_code(characters: int) -> str:
    """Return a code that people copy by hand, without look-alikes: almost five bits in each character."""
    return "".join(secrets.choice(_READABLE) for _ in range(characters))
