"""A key at work: 32 random bytes expanded into separate keys to encrypt, to authenticate and to derive."""

from collections.abc import Sequence
from functools import cached_property, lru_cache

from idp.crypto.ciphertext import Ciphertext, encode_header
from idp.crypto.encoding import encode_fields
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.suites import Aead, Suite, seal, seal_many, unseal

MATERIAL_SIZE = 32
MAC_SIZE = 32


class WorkingKey:
    """Encrypts, authenticates and derives with one key; keeps the cipher object, so calls are cheap.

    The three uses never share key bytes: each has its own expansion, bound to label, version and suite.
    """

    def __init__(self, *, suite: Suite, label: str, version: int, material: bytes) -> None:
        if len(material) != MATERIAL_SIZE:
            raise ValueError(f"key material has {MATERIAL_SIZE} bytes")
        self.suite = suite
        self.label = label
        self.version = version
        self._header = encode_header(suite, label, version)
        self._material = material

    def encrypt(self, plaintext: bytes, associated: bytes) -> bytes:
        """Return the stored form of `plaintext`, bound to this key and to `associated`."""
        return self._header + seal(self._cipher, plaintext, self._header + associated)

    def encrypt_many(self, plaintexts: Sequence[bytes], associated: Sequence[bytes]) -> list[bytes]:
        """Return the stored form of each, as `encrypt` gives it."""
        header = self._header
        sealed = seal_many(self._cipher, plaintexts, [header + each for each in associated])
        return [header + each for each in sealed]

    def decrypt(self, ciphertext: Ciphertext, associated: bytes) -> bytes:
        """Return the plaintext; raises DecryptionFailed when key, content or `associated` differ."""
        if ciphertext.header != self._header:
            raise DecryptionFailed(DecryptionFailure.UNKNOWN_KEY)
        return unseal(self._cipher, ciphertext.sealed, ciphertext.header + associated)

    def mac(self, data: bytes) -> bytes:
        """Return the 32-byte MAC of `data`."""
        return self.suite.mac(self._mac_key, data)

    def derive(self, label: str) -> bytes:
        """Return 32 bytes for the use `label`, the same for every call and unrelated to any other label's."""
        return self.suite.expand(self._derivation_key, encode_fields("derived", label), MAC_SIZE)

    def _expand(self, use: str, size: int) -> bytes:
        return self.suite.expand(self._material, _info(use, self.label, self.version, self.suite.name), size)

    @cached_property
    def _cipher(self) -> Aead:
        return self.suite.cipher(self._expand("encrypt", self.suite.key_size))

    @cached_property
    def _mac_key(self) -> bytes:
        return self._expand("mac", MAC_SIZE)

    @cached_property
    def _derivation_key(self) -> bytes:
        return self._expand("derive", MAC_SIZE)


@lru_cache(maxsize=256)
def _info(use: str, label: str, version: int, suite: str) -> bytes:
    return encode_fields("working key", use, label, str(version), suite)
