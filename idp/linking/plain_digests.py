"""Schemes that older systems wrote themselves: digests in hex, salted either way, twice, cut, and DES.

Worth nothing against whoever has the database; they are compared with once, and replaced.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.padding import PKCS7

from idp.crypto.suites import NATIONAL
from idp.linking.password_rule import Attempt, MalformedHash

Digest = Callable[[bytes], bytes]
Check = Callable[[Attempt], bool]

_HEX = re.compile(r"[0-9A-Fa-f]*")
_DES_BLOCK = 8


def md5(data: bytes) -> bytes:
    """Return the MD5 digest (RFC 1321)."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def sha1(data: bytes) -> bytes:
    """Return the SHA-1 digest (FIPS 180-4)."""
    return hashlib.sha1(data, usedforsecurity=False).digest()


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def sha512(data: bytes) -> bytes:
    """Return the SHA-512 digest (FIPS 180-4)."""
    return hashlib.sha512(data).digest()


#: By the name that schemes are made of; SM3 after GB/T 32905.
DIGESTS: Mapping[str, Digest] = MappingProxyType(
    {"md5": md5, "sha1": sha1, "sha256": sha256, "sha512": sha512, "sm3": NATIONAL.digest}
)


def is_same_hex(stored: str, computed: bytes) -> bool:
    """Compare with a stored digest in hex of either case; raises MalformedHash where it cannot be one."""
    # Columns of fixed width leave blanks around it.
    written = stored.strip()
    if len(written) != 2 * len(computed) or _HEX.fullmatch(written) is None:
        raise MalformedHash
    return hmac.compare_digest(bytes.fromhex(written), computed)


def is_plain(attempt: Attempt) -> bool:
    """Compare with a password that the system kept as it was typed."""
    return hmac.compare_digest(
        attempt.stored.encode("utf-8", "surrogatepass"), attempt.text.encode("utf-8", "surrogatepass")
    )


def _is_digest(attempt: Attempt, *, digest: Digest) -> bool:
    return is_same_hex(attempt.stored, digest(attempt.raw))


def _is_password_salt(attempt: Attempt, *, digest: Digest) -> bool:
    return is_same_hex(attempt.stored, digest(attempt.raw + attempt.salt))


def _is_salt_password(attempt: Attempt, *, digest: Digest) -> bool:
    return is_same_hex(attempt.stored, digest(attempt.salt + attempt.raw))


def _is_md5_middle(attempt: Attempt) -> bool:
    """The "16-digit MD5" of much Chinese software: hex digits 9 to 24 of 32."""
    return is_same_hex(attempt.stored, md5(attempt.raw)[4:12])


def _is_md5_md5(attempt: Attempt) -> bool:
    """md5(md5(password) + salt), as Discuz keeps it; without a salt, plainly twice."""
    return is_same_hex(attempt.stored, md5(md5(attempt.raw).hex().encode() + attempt.salt))


def _is_des_ecb(attempt: Attempt, *, key_sizes: tuple[int, ...]) -> bool:
    """DES or 3DES in ECB with PKCS#5 padding: what was typed is encrypted, nothing is ever decrypted."""
    if len(attempt.secret) not in key_sizes:
        raise MalformedHash
    stored = _ciphertext(attempt.stored)
    if not stored or len(stored) % _DES_BLOCK:
        raise MalformedHash
    padder = PKCS7(8 * _DES_BLOCK).padder()
    padded = padder.update(attempt.raw) + padder.finalize()
    # The first key again makes three of two, one key three times over is single DES (NIST SP 800-67 §3.1).
    key = (attempt.secret * 3)[: 3 * _DES_BLOCK]
    encryptor = Cipher(TripleDES(key), modes.ECB()).encryptor()  # noqa: S305 - the older system's, not ours
    return hmac.compare_digest(encryptor.update(padded) + encryptor.finalize(), stored)


def _ciphertext(stored: str) -> bytes:
    written = stored.strip()
    try:
        if _HEX.fullmatch(written) and len(written) % (2 * _DES_BLOCK) == 0:
            return bytes.fromhex(written)
        return base64.b64decode(written, validate=True)
    except (ValueError, binascii.Error):
        raise MalformedHash from None


def _salted() -> dict[str, Check]:
    checks: dict[str, Check] = {}
    for name, digest in DIGESTS.items():
        checks[name] = partial(_is_digest, digest=digest)
        checks[f"{name}_password_salt"] = partial(_is_password_salt, digest=digest)
        checks[f"{name}_salt_password"] = partial(_is_salt_password, digest=digest)
    return checks


#: By scheme name. A name says in which order password and salt are joined; hex may be of either case.
HOME_MADE: Mapping[str, Check] = MappingProxyType(
    {
        "plain": is_plain,
        **_salted(),
        "md5_middle": _is_md5_middle,
        "md5_md5_salt": _is_md5_md5,
        "des_ecb": partial(_is_des_ecb, key_sizes=(8,)),
        "triple_des_ecb": partial(_is_des_ecb, key_sizes=(16, 24)),
    }
)
