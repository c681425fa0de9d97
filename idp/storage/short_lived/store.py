"""The typed face of the short-lived store: JSON documents, sealed, under the hash of their handle.

A kind is part of the key, so a handle of one kind is never found as another (a shared, untyped table let
authorization codes be forged elsewhere); a handle itself is stored only as its hash.
"""

import json
from enum import StrEnum
from typing import Any

from idp.core.hashing import hash_secret
from idp.crypto.ciphertext import Place
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring, Purpose
from idp.storage.short_lived.backend import Backend

#: Version of the stored documents' envelope; the previous release must be able to read it.
FORMAT = 1


class Kind(StrEnum):
    """What a handle is for."""

    AUTHORIZATION_CODE = "code"
    INTERACTION = "interaction"
    ASSERTION_JTI = "jti"
    LIMIT = "limit"
    LOGOUT = "logout"
    PARKED_REQUEST = "parked_request"


class ShortLivedStore:
    """Parks documents for a limited time and gives a single-use one out exactly once."""

    def __init__(self, *, backend: Backend, keyring: Keyring) -> None:
        self._backend = backend
        self._keyring = keyring

    def put(self, kind: Kind, handle: str, document: dict[str, Any], *, seconds: int) -> None:
        """Park `document` under `handle` for `seconds`."""
        key = _key(kind, handle)
        self._backend.put(key, self._seal(key, document), seconds)

    def get(self, kind: Kind, handle: str) -> dict[str, Any] | None:
        """Return the parked document, or None where none lives."""
        key = _key(kind, handle)
        return self._open(key, self._backend.get(key))

    def take(self, kind: Kind, handle: str) -> dict[str, Any] | None:
        """Return the parked document and remove it; only one caller ever gets it."""
        key = _key(kind, handle)
        return self._open(key, self._backend.take(key))

    def update(self, kind: Kind, handle: str, expected: dict[str, Any], document: dict[str, Any]) -> bool:
        """Replace the document only while it still equals `expected`; False where somebody was faster."""
        key = _key(kind, handle)
        current = self._backend.get(key)
        if current is None or self._open(key, current) != expected:
            return False
        return self._backend.update(key, current, self._seal(key, document))

    def add_once(self, kind: Kind, handle: str, *, seconds: int) -> bool:
        """Remember `handle` as seen; False where it was seen before within its life."""
        return self._backend.add_once(_key(kind, handle), b"1", seconds)

    def delete(self, kind: Kind, handle: str) -> None:
        """Forget `handle`."""
        self._backend.delete(_key(kind, handle))

    def increment(self, kind: Kind, handle: str, *, seconds: int) -> int:
        """Count one more use of `handle` in a window of `seconds` that starts with the first use."""
        return self._backend.increment(_key(kind, handle), seconds)

    def ping(self) -> None:
        """Raise StoreUnavailable when the backend cannot be reached."""
        self._backend.ping()

    def _seal(self, key: str, document: dict[str, Any]) -> bytes:
        plain = json.dumps({"v": FORMAT, "d": document}, separators=(",", ":")).encode()
        return self._keyring.encrypt(Purpose.MESSAGE, plain, Place("short_lived", "value", key))

    def _open(self, key: str, sealed: bytes | None) -> dict[str, Any] | None:
        if sealed is None:
            return None
        try:
            plain = json.loads(self._keyring.decrypt(Purpose.MESSAGE, sealed, Place("short_lived", "value", key)))
        except DecryptionFailed:
            return None  # sealed under a key that was withdrawn: the handle is invalid, nothing more
        return plain["d"] if plain.get("v") == FORMAT else None


def _key(kind: Kind, handle: str) -> str:
    return f"{kind}:{hash_secret(handle)}"
