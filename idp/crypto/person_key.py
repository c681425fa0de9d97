"""One data key per person: erasing it makes every ciphertext of that person unreadable, in backups too."""

import secrets

from idp.crypto.ciphertext import Place, parse
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.keyring import Keyring, Purpose
from idp.crypto.suites import Suite
from idp.crypto.working_key import MATERIAL_SIZE, WorkingKey

# Stands in the key id of a person's ciphertexts; no Purpose may have this name.
PERSON_LABEL = "person"
_VERSION = 1


class PersonCipher:
    """Encrypts and decrypts the columns of one person; lives as long as a request, never longer."""

    __slots__ = ("_keys", "_material", "_person_id", "_suite")

    def __init__(self, *, person_id: str, material: bytes, suite: Suite) -> None:
        self._person_id = person_id
        self._suite = suite
        self._material = material
        self._keys: dict[int, WorkingKey] = {}

    def encrypt(self, plaintext: bytes, place: Place) -> bytes:
        """Return `plaintext` bound to this person and `place`; ValueError for another's place."""
        if place.person not in ("", self._person_id):
            raise ValueError("the place belongs to another person")
        return self._key(self._suite).encrypt(plaintext, place.associated_data(self._person_id))

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Return the plaintext; raises DecryptionFailed for another person or place or altered bytes."""
        parsed = parse(ciphertext)
        if place.person not in ("", self._person_id):
            raise DecryptionFailed(DecryptionFailure.NOT_AUTHENTIC)
        return self._key(parsed.suite).decrypt(parsed, place.associated_data(self._person_id))

    def needs_rewrite(self, ciphertext: bytes) -> bool:
        """Tell whether it was written under another suite than the present one; raises DecryptionFailed."""
        return parse(ciphertext).suite is not self._suite

    def _key(self, suite: Suite) -> WorkingKey:
        key = self._keys.get(suite.code)
        if key is None:
            key = WorkingKey(suite=suite, label=PERSON_LABEL, version=_VERSION, material=self._material)
            self._keys[suite.code] = key
        return key


def wrap_person_key(keyring: Keyring, person_id: str) -> bytes:
    """Return a new random key for the person, wrapped; the caller stores it and nothing else."""
    return keyring.encrypt(Purpose.DATA, secrets.token_bytes(MATERIAL_SIZE), _place(person_id))


def open_person_key(keyring: Keyring, person_id: str, wrapped: bytes) -> PersonCipher:
    """Return the person's cipher; raises DecryptionFailed for another person's or an altered key.

    New ciphertexts are written under the suite of the active data key, older ones stay readable.
    """
    return PersonCipher(
        person_id=person_id,
        material=_unwrap(keyring, person_id, wrapped),
        suite=keyring.active_suite(Purpose.DATA),
    )


def rewrap_person_key(keyring: Keyring, person_id: str, wrapped: bytes) -> bytes:
    """Return the same key wrapped by the active data key, after `keyring.needs_rewrite` said so.

    The person's ciphertexts stay as they are. Raises DecryptionFailed as `open_person_key` does.
    """
    return keyring.encrypt(Purpose.DATA, _unwrap(keyring, person_id, wrapped), _place(person_id))


def _unwrap(keyring: Keyring, person_id: str, wrapped: bytes) -> bytes:
    material = keyring.decrypt(Purpose.DATA, wrapped, _place(person_id))
    if len(material) != MATERIAL_SIZE:
        raise DecryptionFailed(DecryptionFailure.MALFORMED)
    return material


def _place(person_id: str) -> Place:
    return Place(table="person_keys", column="wrapped_key", row=person_id)
