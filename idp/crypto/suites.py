"""The cipher suites: authenticated encryption, MAC, digest and key expansion under one name each.

`international` is AES-256-GCM (NIST SP 800-38D), HMAC-SHA-256 and SHA-256; `national` is SM4-GCM
(GB/T 32907, RFC 8998 §3.2), HMAC-SM3 and SM3 (GB/T 32905). A software module is not a certified one.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from idp.core.errors import ConfigError
from idp.crypto.errors import DecryptionFailed, DecryptionFailure

NONCE_SIZE = 12
TAG_SIZE = 16


class Aead(Protocol):
    """A cipher object holding one key; safe to share between threads."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Return ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Return the plaintext; raises InvalidTag."""


class Sm4Gcm:
    """SM4 in Galois/Counter Mode with the same calls as the library's AESGCM (RFC 8998 §3.2)."""

    __slots__ = ("_algorithm",)

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Return ciphertext and the 16-byte tag."""
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Return the plaintext; raises InvalidTag before a byte of it is given out."""
        if len(data) < TAG_SIZE:
            raise InvalidTag
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_SIZE:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_SIZE]) + decryptor.finalize()


def seal(cipher: Aead, plaintext: bytes, associated: bytes) -> bytes:
    """Return nonce, ciphertext and tag; the nonce is new and random for every call.

    One key may seal 2^32 times at most (NIST SP 800-38D §8.3): rotate it before.
    """
    nonce = secrets.token_bytes(NONCE_SIZE)
    return nonce + cipher.encrypt(nonce, plaintext, associated)


def seal_many(cipher: Aead, plaintexts: Sequence[bytes], associated: Sequence[bytes]) -> list[bytes]:
    """Return what `seal` does for each; the nonces are drawn at once, which halves the time of a short text."""
    nonces = secrets.token_bytes(NONCE_SIZE * len(plaintexts))
    starts = range(0, len(nonces), NONCE_SIZE)
    encrypt = cipher.encrypt
    return [
        (nonce := nonces[start : start + NONCE_SIZE]) + encrypt(nonce, plaintext, data)
        for start, plaintext, data in zip(starts, plaintexts, associated, strict=True)
    ]


def unseal(cipher: Aead, sealed: bytes, associated: bytes) -> bytes:
    """Return what `seal` was given; raises DecryptionFailed for anything else."""
    if len(sealed) < NONCE_SIZE + TAG_SIZE:
        raise DecryptionFailed(DecryptionFailure.MALFORMED)
    try:
        return cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], associated)
    except InvalidTag:
        raise DecryptionFailed(DecryptionFailure.NOT_AUTHENTIC) from None


@dataclass(frozen=True, slots=True)
class Suite:
    """One family of algorithms; `code` is its byte in ciphertexts and never changes."""

    name: str
    code: int
    key_size: int
    make_cipher: Callable[[bytes], Aead]
    make_hash: Callable[[], hashes.HashAlgorithm]

    def cipher(self, key: bytes) -> Aead:
        """Return a reusable cipher object; raises ValueError when the key is not `key_size` bytes long."""
        if len(key) != self.key_size:
            raise ValueError(f"a key of suite {self.name} has {self.key_size} bytes")
        return self.make_cipher(key)

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Return nonce, ciphertext and tag under a new random nonce."""
        return seal(self.cipher(key), plaintext, associated)

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Return what `seal` was given; raises DecryptionFailed for anything else."""
        return unseal(self.cipher(key), sealed, associated)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the 32-byte HMAC (RFC 2104) of `data`."""
        state = hmac.HMAC(key, self.make_hash())
        state.update(data)
        return state.finalize()

    def digest(self, data: bytes) -> bytes:
        """Return the 32-byte hash of `data`."""
        state = hashes.Hash(self.make_hash())
        state.update(data)
        return state.finalize()

    def expand(self, key: bytes, info: bytes, size: int) -> bytes:
        """Return `size` bytes for the use that `info` names (HKDF-Expand, RFC 5869 §2.3).

        `key` is uniformly random already, so the extract step is left out (§3.3).
        """
        return HKDFExpand(algorithm=self.make_hash(), length=size, info=info).derive(key)


INTERNATIONAL = Suite(name="international", code=1, key_size=32, make_cipher=AESGCM, make_hash=hashes.SHA256)
NATIONAL = Suite(name="national", code=2, key_size=16, make_cipher=Sm4Gcm, make_hash=hashes.SM3)

SUITES = (INTERNATIONAL, NATIONAL)
_BY_NAME = {suite.name: suite for suite in SUITES}
_BY_CODE = {suite.code: suite for suite in SUITES}


def suite_by_name(name: str) -> Suite:
    """Return the suite of a configuration or a key row; raises ConfigError when there is none."""
    suite = _BY_NAME.get(name)
    if suite is None:
        raise ConfigError(f"crypto suite {name!r} is unknown; choose one of {', '.join(_BY_NAME)}")
    return suite


def suite_by_code(code: int) -> Suite | None:
    """Return the suite whose byte stands in a ciphertext, or None."""
    return _BY_CODE.get(code)
