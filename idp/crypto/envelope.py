"""Envelope encryption: one key-encryption key, kept outside the database, wraps all keys kept inside it."""

from typing import Protocol

from idp.core.errors import ConfigError
from idp.core.hashing import secrets_equal
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import DataKey, KeyState, Purpose


class KeyEncryptionKey(Protocol):
    """A key that wraps other keys and never leaves its provider."""

    @property
    def id(self) -> str:
        """Which key this is, for logs and rows; reveals nothing of it."""

    def wrap(self, material: bytes, context: bytes) -> bytes:
        """Return the wrapped material, bound to `context`."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the material; raises DecryptionFailed for another key, another context or altered bytes."""

    def check_value(self) -> str:
        """Return a text that only this key gives and that reveals nothing of it."""


def require_same_key(key: KeyEncryptionKey, stored_check_value: str) -> None:
    """Raise ConfigError when the database was set up with another key-encryption key."""
    if not secrets_equal(key.check_value(), stored_check_value):
        raise ConfigError(
            "the key-encryption key is not the one that this database was set up with; "
            "restore the original one, or the database that belongs to this key"
        )


def wrap_data_key(key: KeyEncryptionKey, data_key: DataKey) -> bytes:
    """Return the data key's material wrapped and bound to purpose, version and suite, not to its state."""
    return key.wrap(data_key.material, data_key_context(data_key.purpose, data_key.version, data_key.suite))


def unwrap_data_key(
    key: KeyEncryptionKey, wrapped: bytes, *, purpose: Purpose, version: int, suite: str, state: KeyState
) -> DataKey:
    """Return the data key; raises DecryptionFailed unless wrapped as this purpose, version and suite."""
    material = key.unwrap(wrapped, data_key_context(purpose, version, suite))
    return DataKey(purpose, version, suite, material, state)


def rewrap(old: KeyEncryptionKey, new: KeyEncryptionKey, wrapped: bytes, context: bytes) -> bytes:
    """Return the same material wrapped by another key; raises DecryptionFailed when `old` did not wrap it."""
    return new.wrap(old.unwrap(wrapped, context), context)


def data_key_context(purpose: Purpose, version: int, suite: str) -> bytes:
    """Return the context that a data key is wrapped under."""
    return encode_fields("data key", purpose, str(version), suite)


def signing_key_context(kid: str, algorithm: str) -> bytes:
    """Return the context that the private part of a token-signing key is wrapped under."""
    return encode_fields("signing key", kid, algorithm)
