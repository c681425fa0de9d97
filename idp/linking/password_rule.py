"""How an older system keeps passwords, one comparison with what it keeps, and what that says."""

from dataclasses import dataclass, field
from enum import StrEnum


class PasswordEncoding(StrEnum):
    """In which bytes the system hashed what was typed; the values are names of codecs."""

    UTF_8 = "utf-8"
    GBK = "gbk"
    UTF_16_LE = "utf-16-le"


class Verdict(StrEnum):
    """What comparing said; everything but a match opens nothing, and outside all of it looks alike."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NO_PASSWORD = "no_password"  # noqa: S105 - the account has none, so nothing can be its password
    MALFORMED = "malformed"  # the stored value is none of the scheme's
    TOO_COSTLY = "too_costly"  # it asks for more work than any honest system does
    UNKNOWN_SCHEME = "unknown_scheme"


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """How one system keeps passwords: a scheme's name, the encoding, and the key of a reversible scheme."""

    scheme: str
    encoding: PasswordEncoding = PasswordEncoding.UTF_8
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One comparison: what is stored and what was typed, as text and in the system's bytes.

    `login` is part of the hash in some schemes; a salt that is kept as text is hashed as text.
    """

    stored: str = field(repr=False)
    salt: bytes = field(repr=False)
    login: str = field(repr=False)
    text: str = field(repr=False)
    raw: bytes = field(repr=False)
    secret: bytes = field(repr=False)


class MalformedHash(ValueError):
    """The stored value cannot be one of the scheme's."""


class CostlyHash(ValueError):
    """The stored value asks for absurd work."""
