"""Two key-encryption keys, while one is exchanged for the other."""

from idp.crypto.envelope import KeyEncryptionKey
from idp.crypto.errors import DecryptionFailed


class KeyPair:
    """Wraps under the first key and unwraps what either of them wrapped; is otherwise the first."""

    __slots__ = ("_first", "_second")

    def __init__(self, first: KeyEncryptionKey, second: KeyEncryptionKey) -> None:
        self._first = first
        self._second = second

    @property
    def id(self) -> str:
        """Which key the first is."""
        return self._first.id

    def wrap(self, material: bytes, context: bytes) -> bytes:
        """Return the material wrapped by the first key."""
        return self._first.wrap(material, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the material; raises DecryptionFailed where neither key wrapped it in this context."""
        try:
            return self._first.unwrap(wrapped, context)
        except DecryptionFailed:
            return self._second.unwrap(wrapped, context)

    def check_value(self) -> str:
        """Return the first key's."""
        return self._first.check_value()
