"""The keyed digests by which legacy rows and persons meet; equal values of both sides have equal digests.

Sixteen bytes each: with 10^9 rows two different values share one with a chance of 10^-21. A number's space is small
enough to be tried whole by whoever holds the key, and by nobody else; a bare name gets no digest at all, because
the commonest would show by its count (`docs/merging.md`).
"""

import hashlib
from collections.abc import Callable

from idp.crypto.keyring import Keyring, Purpose
from realname.documents.document_number import DocumentNumber, DocumentType
from realname.documents.names import name_match_key

SIZE = 16
_LABEL = "legacy digests"
_SEPARATOR = b"\x1f"  # stands in no number, mobile or match key
# As OpenSSL calls the hash of each suite; both work on blocks of 64 bytes.
_HASHES = {"international": "sha256", "national": "sm3"}
_BLOCK = 64


class Digests:
    """Digests under one version of the index key; a row says beside them which.

    HMAC (RFC 2104) with its two keyed states kept, which takes a third of the time of a call with the key.
    """

    __slots__ = ("_inner", "_outer", "version")

    def __init__(self, *, keyring: Keyring, version: int | None = None) -> None:
        """Take the active version unless one is named; raises ConfigError where it is not live."""
        self.version = keyring.active_version(Purpose.INDEX) if version is None else version
        key = keyring.derive(Purpose.INDEX, _LABEL, version=self.version).ljust(_BLOCK, b"\0")
        name = _HASHES[keyring.suite(Purpose.INDEX, self.version).name]
        self._inner = hashlib.new(name, bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.new(name, bytes(byte ^ 0x5C for byte in key))

    def number(self, number: DocumentNumber) -> bytes:
        """Return the digest of a document number with its kind."""
        return self.numbers(number.type)(number.canonical.encode())

    def pair(self, number: DocumentNumber, name: str) -> bytes:
        """Return the digest of a number together with a name, in whichever spelling of it."""
        return self.pairs(number.type)(pair_text(number.canonical, name_match_key(name)))

    def name_mobile(self, name: str, mobile: str) -> bytes:
        """Return the digest of a name together with a mobile (E.164)."""
        return self.name_mobiles()(name_mobile_text(name_match_key(name), mobile))

    def mobile(self, mobile: str) -> bytes:
        """Return the digest of a mobile (E.164)."""
        return self.mobiles()(mobile.encode())

    def reference(self, system_number: int, reference: str) -> bytes:
        """Return the digest of an account's own reference within its system."""
        return self.references(system_number)(_text(reference))

    def login(self, system_number: int, login: str) -> bytes:
        """Return the digest of a login name within its system."""
        return self.logins(system_number)(_text(login))

    def credential(self, system_number: int, stored: str) -> bytes:
        """Return the digest of a stored password, to count the accounts that share it."""
        return self.credentials(system_number)(_text(stored))

    def content(self, content: bytes) -> bytes:
        """Return the digest of a row's whole content, which tells whether the row changed."""
        return self.contents()(content)

    # For many rows: each returns the function that makes one kind of digest, with what is equal in all rows done once.

    def numbers(self, kind: DocumentType) -> Callable[[bytes], bytes]:
        """Return what makes `number` of a canonical number of that kind."""
        return self._after(b"number", kind.encode())

    def pairs(self, kind: DocumentType) -> Callable[[bytes], bytes]:
        """Return what makes `pair` of a `pair_text` of that kind."""
        return self._after(b"pair", kind.encode())

    def name_mobiles(self) -> Callable[[bytes], bytes]:
        """Return what makes `name_mobile` of a `name_mobile_text`."""
        return self._after(b"name mobile")

    def mobiles(self) -> Callable[[bytes], bytes]:
        """Return what makes `mobile`."""
        return self._after(b"mobile")

    def references(self, system_number: int) -> Callable[[bytes], bytes]:
        """Return what makes `reference`."""
        return self._after(b"reference", str(system_number).encode())

    def logins(self, system_number: int) -> Callable[[bytes], bytes]:
        """Return what makes `login`."""
        return self._after(b"login", str(system_number).encode())

    def credentials(self, system_number: int) -> Callable[[bytes], bytes]:
        """Return what makes `credential`."""
        return self._after(b"credential", str(system_number).encode())

    def contents(self) -> Callable[[bytes], bytes]:
        """Return what makes `content`."""
        return self._after(b"content")

    def _after(self, *fields: bytes) -> Callable[[bytes], bytes]:
        begun = self._inner.copy()
        begun.update(_SEPARATOR.join((*fields, b"")))
        copy_inner, copy_outer = begun.copy, self._outer.copy

        def make(last: bytes) -> bytes:
            inner, outer = copy_inner(), copy_outer()
            inner.update(last)
            outer.update(inner.digest())
            return outer.digest()[:SIZE]

        return make


def pair_text(canonical: str, match_key: str) -> bytes:
    """Return a number and a name's match key as the bytes that a pair's digest is made of."""
    return canonical.encode() + _SEPARATOR + _text(match_key)


def name_mobile_text(match_key: str, mobile: str) -> bytes:
    """Return a name's match key and a mobile as the bytes that their digest is made of."""
    return _text(match_key) + _SEPARATOR + mobile.encode()


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
