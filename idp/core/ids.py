"""Random identifiers and secrets, all from the operating system's generator."""

import secrets


def new_id() -> str:
    """Return an opaque identifier of 128 random bits: 22 characters of base64url."""
    return secrets.token_urlsafe(16)


def new_secret() -> str:
    """Return a bearer secret of 256 random bits: 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def new_numeric_code(digits: int) -> str:
    """Return a one-time code of `digits` decimal digits, each equally likely."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
