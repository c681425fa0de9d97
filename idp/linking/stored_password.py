"""A password as an older system keeps it, how that system keeps it, and what comparing with it says."""

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


@dataclass(frozen=True, slots=True, repr=False)
class StoredPassword:
    """What the row holds; `login` is part of the hash in some schemes. Its repr shows nothing of it."""

    value: str
    salt: str = ""
    login: str = ""

    def __repr__(self) -> str:
        return "StoredPassword()"


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """One comparison: what is stored and what was typed, as text and in the system's bytes."""

    stored: StoredPassword
    text: str
    raw: bytes
    secret: bytes

    @property
    def salt(self) -> bytes:
        """Return the salt's bytes; systems that keep it as text hash the text."""
        return self.stored.salt.encode()

    def __repr__(self) -> str:
        return "Attempt()"


class MalformedHash(ValueError):
    """The stored value cannot be one of the scheme's."""


class CostlyHash(ValueError):
    """The stored value asks for absurd work."""
