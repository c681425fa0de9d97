"""The keyed digests by which legacy rows and persons meet; equal values of both sides have equal digests.

Sixteen bytes each: with 10^9 rows two different values share one with a chance of 10^-21. A number's space is small
enough to be tried whole by whoever holds the key, and by nobody else; a bare name gets no digest at all, because
the commonest would show by its count (`docs/merging.md`).
"""

import hmac

from idp.crypto.keyring import Keyring, Purpose
from realname.documents.document_number import DocumentNumber
from realname.documents.names import name_match_key

SIZE = 16
_LABEL = "legacy digests"
_SEPARATOR = b"\x1f"  # stands in no number, mobile or match key
# As OpenSSL calls the hash of each suite: one call in C instead of an object for each row.
_HASHES = {"international": "sha256", "national": "sm3"}


class Digests:
    """Digests under one version of the index key; a row says beside them which."""

    __slots__ = ("_hash", "_key", "version")

    def __init__(self, *, keyring: Keyring, version: int | None = None) -> None:
        """Take the active version unless one is named; raises ConfigError where it is not live."""
        self.version = keyring.active_version(Purpose.INDEX) if version is None else version
        self._key = keyring.derive(Purpose.INDEX, _LABEL, version=self.version)
        self._hash = _HASHES[keyring.suite(Purpose.INDEX, self.version).name]

    def number(self, number: DocumentNumber) -> bytes:
        """Return the digest of a document number with its kind."""
        return self._of(b"number", number.type.encode(), number.canonical.encode())

    def pair(self, number: DocumentNumber, name: str) -> bytes:
        """Return the digest of a number together with a name, in whichever spelling of it."""
        return self._of(b"pair", number.type.encode(), number.canonical.encode(), _name(name))

    def name_mobile(self, name: str, mobile: str) -> bytes:
        """Return the digest of a name together with a mobile (E.164)."""
        return self._of(b"name mobile", _name(name), mobile.encode())

    def mobile(self, mobile: str) -> bytes:
        """Return the digest of a mobile (E.164)."""
        return self._of(b"mobile", mobile.encode())

    def reference(self, system_number: int, reference: str) -> bytes:
        """Return the digest of an account's own reference within its system."""
        return self._of(b"reference", str(system_number).encode(), _text(reference))

    def login(self, system_number: int, login: str) -> bytes:
        """Return the digest of a login name within its system."""
        return self._of(b"login", str(system_number).encode(), _text(login))

    def credential(self, system_number: int, stored: str) -> bytes:
        """Return the digest of a stored password, to count the accounts that share it."""
        return self._of(b"credential", str(system_number).encode(), _text(stored))

    def content(self, content: bytes) -> bytes:
        """Return the digest of a row's whole content, which tells whether the row changed."""
        return self._of(b"content", content)

    def _of(self, *fields: bytes) -> bytes:
        return hmac.digest(self._key, _SEPARATOR.join(fields), self._hash)[:SIZE]


def _name(name: str) -> bytes:
    return name_match_key(name).encode("utf-8", "surrogatepass")


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
