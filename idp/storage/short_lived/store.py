"""The typed face of the short-lived store: JSON documents, sealed, under the hash of their handle.

A kind is part of the key, so a handle of one kind is never found as another (a shared, untyped table let
authorization codes be forged elsewhere); a handle itself is stored only as its hash.
"""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from idp.core.hashing import hash_secret
from idp.core.ids import new_id
from idp.crypto.ciphertext import Place
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring, Purpose
from idp.storage.short_lived.backend import Backend, Epoch

#: Version of the stored documents' envelope; the previous release must be able to read it.
FORMAT = 1
_MARK_SECONDS = 2_592_000


class Kind(StrEnum):
    """What a handle is for."""

    AUTHORIZATION_CODE = "code"
    INTERACTION = "interaction"
    ASSERTION_JTI = "jti"
    LIMIT = "limit"
    LOGOUT = "logout"
    PARKED_REQUEST = "parked_request"
    CONTACT_CHANGE = "contact_change"
    ENROLMENT = "enrolment"
    COUNTER_VISIT = "counter_visit"
    COUNTER_CODE = "counter_code"
    COUNTER_MATTER = "counter_matter"
    COUNTER_MATTER_CODE = "counter_matter_code"
    COUNTER_MATTERS = "counter_matters"
    COUNTER_MATTERS_BEGUN = "counter_matters_begun"
    COUNTER_NEWCOMER = "counter_newcomer"
    DEVICE_INVITATION = "device_invitation"
    CARD_READER = "card_reader"
    CARD_QUESTION = "card_question"
    CARD_READING = "card_reading"
    LEGACY_CODE = "legacy_code"
    CASE_FILE = "case_file"
    CONTROL_PROOF = "control_proof"


class ShortLivedStore:
    """Parks documents for a limited time and gives a single-use one out exactly once."""

    def __init__(self, *, backend: Backend, keyring: Keyring) -> None:
        self._backend = backend
        self._keyring = keyring

    def put(self, kind: Kind, handle: str, document: dict[str, Any], *, seconds: int) -> None:
        """Park `document` under `handle` for `seconds`."""
        key = _key(kind, handle)
        epoch = self._backend.epoch(key)
        self._backend.put(key, self._seal(key, document, epoch), seconds)
        now = self._backend.epoch(key)
        if now.id != epoch.id:  # the store restarted just before: what was sealed for the old epoch fits nothing
            self._backend.put(key, self._seal(key, document, now), seconds)

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
        return self._backend.update(key, current, self._seal(key, document, self._backend.epoch(key)))

    def add_once(self, kind: Kind, handle: str, *, seconds: int) -> bool:
        """Remember `handle` as seen; False where it was seen before within its life and this epoch.

        What may have been seen before `epoch` began, the caller must refuse by itself.
        """
        return self._backend.add_once(_key(kind, handle), b"1", seconds)

    def delete(self, kind: Kind, handle: str) -> None:
        """Forget `handle`."""
        self._backend.delete(_key(kind, handle))

    def increment(self, kind: Kind, handle: str, *, seconds: int) -> int:
        """Count one more use of `handle` in a window of `seconds` that starts with the first use."""
        return self._backend.increment(_key(kind, handle), seconds)

    def mark(self, name: str) -> str:
        """Return the present mark of `name`; it changes with `renew_mark`, and where the store lost or changed it."""
        key = f"mark:{name}"
        value = self._backend.get(key)
        if value is None:
            self._backend.add_once(key, new_id().encode(), _MARK_SECONDS)
            value = self._backend.get(key) or b""
        return f"{self._backend.epoch(key).id}.{value.decode()}"

    def renew_mark(self, name: str) -> None:
        """Give `name` another mark than any before."""
        self._backend.put(f"mark:{name}", new_id().encode(), _MARK_SECONDS)

    def epoch(self, kind: Kind, handle: str) -> datetime:
        """Return since when nothing was lost or came back where `handle` lies; ask after the call that it covers."""
        return self._backend.epoch(_key(kind, handle)).since

    def ping(self) -> None:
        """Raise StoreUnavailable when the backend cannot be reached."""
        self._backend.ping()

    def close(self) -> None:
        """Give connections back."""
        self._backend.close()

    def _seal(self, key: str, document: dict[str, Any], epoch: Epoch) -> bytes:
        plain = json.dumps({"v": FORMAT, "e": epoch.id, "d": document}, separators=(",", ":")).encode()
        return self._keyring.encrypt(Purpose.MESSAGE, plain, Place("short_lived", "value", key))

    def _open(self, key: str, sealed: bytes | None) -> dict[str, Any] | None:
        if sealed is None:
            return None
        try:
            plain = json.loads(self._keyring.decrypt(Purpose.MESSAGE, sealed, Place("short_lived", "value", key)))
        except DecryptionFailed:
            return None  # sealed under a key that was withdrawn: the handle is invalid, nothing more
        if plain.get("v") != FORMAT:
            return None
        # A restored snapshot brings used handles back: whatever another epoch parked is void.
        return plain["d"] if plain["e"] == self._backend.epoch(key).id else None


def _key(kind: Kind, handle: str) -> str:
    return f"{kind}:{hash_secret(handle)}"
