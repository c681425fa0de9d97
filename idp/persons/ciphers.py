"""The ciphers of persons: one wrapped key per person in SQL, opened once per session."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.crypto.ciphertext import Place
from idp.crypto.keyring import Keyring
from idp.crypto.person_key import PersonCipher, open_person_key, wrap_person_key
from idp.keys.models import PersonKey

_CACHE = "person_ciphers"


class PersonErased(IdpError):
    """The person's key was erased: nothing about them can be read or written any more."""


class PersonUnknown(IdpError):
    """There is no person of that id, or none with a key."""


class PersonCiphers:
    """Makes, opens and erases the keys of persons; opened ones live in the session and end with it."""

    def __init__(self, *, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def create(self, session: Session, person_id: str) -> PersonCipher:
        """Store a new wrapped key for the person and return their cipher."""
        wrapped = wrap_person_key(self._keyring, person_id)
        session.execute(sa.insert(PersonKey).values(person_id=person_id, wrapped=wrapped, created_at=self._clock.now()))
        return self._keep(session, person_id, wrapped)

    def of(self, session: Session, person_id: str) -> PersonCipher:
        """Return the person's cipher, by one statement in a session at most.

        Raises PersonUnknown, PersonErased, or DecryptionFailed for a damaged key.
        """
        cached: PersonCipher | None = session.info.get(_CACHE, {}).get(person_id)
        if cached is not None:
            return cached
        row = session.execute(
            sa.select(PersonKey.wrapped, PersonKey.erased_at).where(PersonKey.person_id == person_id)
        ).one_or_none()
        if row is None:
            raise PersonUnknown("no such person")
        if row.erased_at is not None:
            raise PersonErased("the person's data was erased")
        return self._keep(session, person_id, row.wrapped)

    def open(self, person_id: str, wrapped: bytes | None, erased_at: datetime | None) -> PersonCipher:
        """Return the cipher of a key that the caller read itself; raises as `of` does."""
        if wrapped is None:
            raise PersonUnknown("no such person")
        if erased_at is not None:
            raise PersonErased("the person's data was erased")
        return open_person_key(self._keyring, person_id, wrapped)

    def erase(self, session: Session, person_id: str) -> bool:
        """Destroy the person's key for ever; False where there was none left to destroy.

        The row stays, without its key, so that a later reader learns why nothing can be read.
        """
        session.info.get(_CACHE, {}).pop(person_id, None)
        erased = session.execute(
            sa.update(PersonKey)
            .where(PersonKey.person_id == person_id, PersonKey.erased_at.is_(None))
            .values(wrapped=b"", erased_at=self._clock.now())
            .returning(PersonKey.person_id)
        ).one_or_none()
        return erased is not None

    def _keep(self, session: Session, person_id: str, wrapped: bytes) -> PersonCipher:
        cipher = open_person_key(self._keyring, person_id, wrapped)
        session.info.setdefault(_CACHE, {})[person_id] = cipher
        return cipher


def encrypt_text(cipher: PersonCipher, text: str, *, table: str, row: str) -> bytes:
    """Return `text` encrypted for the column `ciphertext` of that row."""
    return cipher.encrypt(text.encode("utf-8"), Place(table=table, column="ciphertext", row=row))


def decrypt_text(cipher: PersonCipher, ciphertext: bytes, *, table: str, row: str) -> str:
    """Return what `encrypt_text` was given; raises DecryptionFailed for another person, table or row."""
    return cipher.decrypt(ciphertext, Place(table=table, column="ciphertext", row=row)).decode("utf-8")
