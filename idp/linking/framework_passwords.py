"""Schemes of frameworks that older systems were built on: Spring Security, Apache Shiro, ASP.NET Identity, LDAP.

Each value carries its own parameters; those that would cost absurd work are refused before any is done.
"""

import base64
import binascii
import hashlib
import hmac
import re
import struct
from functools import partial

from idp.linking.password_rule import Attempt, CostlyHash, MalformedHash
from idp.linking.plain_digests import DIGESTS, Check, Digest, is_same_hex, sha256

#: As PBKDF2 and iterated digests cost about a second here at most.
MAX_ITERATIONS = 1_000_000

_MAX_SCRYPT_BYTES = 1 << 27
_MAX_SCRYPT_LANES = 4

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_SPRING_SALT = re.compile(r"(\{[^{}]*\})?([0-9A-Fa-f]+)")
_SPRING_SCRYPT = re.compile(r"\$([0-9a-f]{1,8})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")
_SHIRO = re.compile(r"\$shiro1\$([A-Z0-9-]+)\$([0-9]{1,10})\$([A-Za-z0-9+/=]*)\$([A-Za-z0-9+/=]+)")
_SHIRO_DIGESTS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512", "SM3": "sm3"}
_ASPNET_PRF = ("sha1", "sha256", "sha512")


def decoded(text: str) -> bytes:
    """Return the bytes of base64; raises MalformedHash for anything else."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        raise MalformedHash from None


def is_bounded(iterations: int) -> int:
    """Return the number where it is one that may be done; raises CostlyHash or MalformedHash."""
    if iterations < 1:
        raise MalformedHash
    if iterations > MAX_ITERATIONS:
        raise CostlyHash
    return iterations


def ldap_digest(digest: Digest, *, is_salted: bool) -> Check:
    """Return the check of an LDAP value without its {SCHEME}: base64 of digest and salt."""
    return partial(_is_ldap_digest, digest=digest, is_salted=is_salted)


def _is_ldap_digest(attempt: Attempt, *, digest: Digest, is_salted: bool) -> bool:
    raw = decoded(attempt.stored)
    size = len(digest(b""))
    if (len(raw) <= size) if is_salted else (len(raw) != size):
        raise MalformedHash
    return hmac.compare_digest(raw[:size], digest(attempt.raw + raw[size:]))


def spring_message_digest(name: str) -> Check:
    """Return the check of MessageDigestPasswordEncoder: {salt}hex of the digest of password{salt}."""
    return partial(_is_spring_message_digest, digest=DIGESTS[name])


def _is_spring_message_digest(attempt: Attempt, *, digest: Digest) -> bool:
    match = _SPRING_SALT.fullmatch(attempt.stored)
    if match is None:
        raise MalformedHash
    # The braces are part of what is hashed.
    return is_same_hex(match[2], digest(attempt.raw + (match[1] or "").encode()))


def is_spring_standard(attempt: Attempt) -> bool:
    """Compare with StandardPasswordEncoder: hex of eight bytes of salt and SHA-256 done 1024 times."""
    stored = _from_hex(attempt.stored, size=40)
    return hmac.compare_digest(stored[8:], _iterated(stored[:8] + attempt.raw, digest=sha256, times=1024))


def spring_pbkdf2(*, name: str, salt_size: int, iterations: int) -> Check:
    """Return the check of Pbkdf2PasswordEncoder of one age of its defaults: hex of salt and 32 bytes."""

    def check(attempt: Attempt) -> bool:
        stored = _from_hex(attempt.stored, size=salt_size + 32)
        # Its "secret" is joined to the salt; systems that set one name it as their key.
        salt = stored[:salt_size] + attempt.secret
        return hmac.compare_digest(stored[salt_size:], hashlib.pbkdf2_hmac(name, attempt.raw, salt, iterations, 32))

    return check


def is_spring_scrypt(attempt: Attempt) -> bool:
    """Compare with SCryptPasswordEncoder: $parameters$salt$key, the parameters packed into one number."""
    match = _SPRING_SCRYPT.fullmatch(attempt.stored)
    if match is None:
        raise MalformedHash
    packed, salt, stored = int(match[1], 16), decoded(match[2]), decoded(match[3])
    log_n, block, lanes = packed >> 16, packed >> 8 & 0xFF, packed & 0xFF
    if not 1 <= log_n <= 31 or not block or not lanes or not stored:
        raise MalformedHash
    if (128 * block << log_n) > _MAX_SCRYPT_BYTES or lanes > _MAX_SCRYPT_LANES:
        raise CostlyHash
    room = 2 * _MAX_SCRYPT_BYTES
    key = hashlib.scrypt(attempt.raw, salt=salt, n=1 << log_n, r=block, p=lanes, maxmem=room, dklen=len(stored))
    return hmac.compare_digest(stored, key)


def is_shiro(attempt: Attempt) -> bool:
    """Compare with Shiro's own format: $shiro1$algorithm$iterations$salt$digest."""
    match = _SHIRO.fullmatch(attempt.stored.strip())
    name = _SHIRO_DIGESTS.get(match[1]) if match else None
    if match is None or name is None:
        raise MalformedHash
    times, salt, stored = is_bounded(int(match[2])), decoded(match[3]), decoded(match[4])
    return hmac.compare_digest(stored, _iterated(salt + attempt.raw, digest=DIGESTS[name], times=times))


def is_aspnet_identity(attempt: Attempt) -> bool:
    """Compare with ASP.NET Identity, version 2 (first byte 0) or 3 (first byte 1)."""
    stored = decoded(attempt.stored)
    if stored[:1] == b"\x00" and len(stored) == 49:
        name, times, salt, key = "sha1", 1000, stored[1:17], stored[17:]
    elif stored[:1] == b"\x01" and len(stored) > 13:
        prf, times, size = struct.unpack(">III", stored[1:13])
        salt, key = stored[13 : 13 + size], stored[13 + size :]
        if prf >= len(_ASPNET_PRF) or len(salt) != size or not key:
            raise MalformedHash
        name = _ASPNET_PRF[prf]
    else:
        raise MalformedHash
    computed = hashlib.pbkdf2_hmac(name, attempt.raw, salt, is_bounded(times), len(key))
    return hmac.compare_digest(key, computed)


def _from_hex(text: str, *, size: int) -> bytes:
    written = text.strip()
    if _HEX.fullmatch(written) is None or len(written) != 2 * size:
        raise MalformedHash
    return bytes.fromhex(written)


def _iterated(data: bytes, *, digest: Digest, times: int) -> bytes:
    for _ in range(times):
        data = digest(data)
    return data
