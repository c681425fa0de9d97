"""The schemes in which older systems keep passwords, by name, and the one comparison with them.

Those of passlib, and our own beside them. The system's row names its scheme: 32 hex digits may be six different
things, so nothing is ever guessed while somebody logs in. Whoever asks learns a `Verdict`, never an exception.
"""

import base64
import dataclasses
import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from passlib import hash as passlib_hash

from idp.core.ids import new_secret
from idp.linking.contents import StoredPassword
from idp.linking.framework_passwords import (
    MAX_ITERATIONS,
    is_aspnet_identity,
    is_shiro,
    is_spring_scrypt,
    is_spring_standard,
    ldap_digest,
    spring_message_digest,
    spring_pbkdf2,
)
from idp.linking.password_rule import Attempt, CostlyHash, MalformedHash, PasswordRule, Verdict
from idp.linking.plain_digests import DIGESTS, HOME_MADE, Check, is_plain
from idp.persons.password_policy import MAX_LENGTH

#: The account's system keeps no passwords, or gave none.
NO_PASSWORDS = "none"

_MAX_STORED = 1024
_PREFIX = re.compile(r"\{([A-Za-z0-9@_./-]{1,40})\}(.*)", re.DOTALL)

# A second of work or so, on the machine that this was measured on; honest systems stay far below.
_MAX_ROUNDS: Mapping[str, int] = MappingProxyType(
    {
        "bcrypt": 14,
        "bcrypt_sha256": 14,
        "django_bcrypt_sha256": 14,
        "phpass": 19,
        "sha256_crypt": MAX_ITERATIONS,
        "sha512_crypt": MAX_ITERATIONS,
        "sha1_crypt": MAX_ITERATIONS,
        "pbkdf2_sha1": MAX_ITERATIONS,
        "pbkdf2_sha256": MAX_ITERATIONS,
        "pbkdf2_sha512": MAX_ITERATIONS // 2,
        "django_pbkdf2_sha1": MAX_ITERATIONS,
        "django_pbkdf2_sha256": 2 * MAX_ITERATIONS,
        "grub_pbkdf2_sha512": MAX_ITERATIONS // 2,
        "fshp": MAX_ITERATIONS,
        "sun_md5_crypt": 70_000,
        "bsdi_crypt": 50_001,
    }
)
_MAX_MEMORY_KIB = 1 << 17
_MAX_ARGON2_WORK = 1 << 19  # passes times KiB
_BCRYPT_BYTES = 72

#: Hashes of a fixed cost, or none to speak of.
_FIXED = (
    "md5_crypt",
    "apr_md5_crypt",
    "des_crypt",
    "atlassian_pbkdf2_sha1",
    "django_salted_md5",
    "django_salted_sha1",
    "mysql323",
    "mysql41",
    "oracle11",
    "postgres_md5",
)
#: Those that hash characters and not bytes.
_OF_TEXT = frozenset(("nthash", "lmhash", "msdcc", "msdcc2", "mssql2000", "mssql2005", "oracle10"))
#: Those that hash the login as well.
_WITH_LOGIN = frozenset(("postgres_md5", "oracle10", "msdcc", "msdcc2"))

#: What begins with `$` says itself what it is; the last two are crypt's oldest, known by their length.
_CRYPT = (
    "bcrypt",
    "argon2",
    "sha512_crypt",
    "sha256_crypt",
    "md5_crypt",
    "apr_md5_crypt",
    "phpass",
    "sha1_crypt",
    "scrypt",
    "bcrypt_sha256",
    "pbkdf2_sha1",
    "pbkdf2_sha256",
    "pbkdf2_sha512",
    "sun_md5_crypt",
    "bsdi_crypt",
    "des_crypt",
)
_DJANGO = (
    "django_pbkdf2_sha256",
    "django_pbkdf2_sha1",
    "django_bcrypt_sha256",
    "django_salted_sha1",
    "django_salted_md5",
)


def _handler(name: str) -> Any:
    return getattr(passlib_hash, name)


def _is_passlib(attempt: Attempt, *, name: str) -> bool:
    handler = _handler(name)
    user = {"user": attempt.login} if name in _WITH_LOGIN else {}
    value = attempt.stored.strip()
    try:
        parsed = handler.from_string(value, **user)
    except (ValueError, TypeError):
        raise MalformedHash from None
    _refuse_costly(name, parsed)
    typed: str | bytes = attempt.text if name in _OF_TEXT else attempt.raw
    if name == "bcrypt":
        # Older libraries cut in silence what bcrypt does not take; today's refuse it.
        typed = attempt.raw[:_BCRYPT_BYTES]
    try:
        return bool(handler.verify(typed, value, **user))
    except ValueError:
        # A password that this scheme cannot hash, for a NUL in it or for its characters, was never set in it.
        return False


def _refuse_costly(name: str, parsed: Any) -> None:
    if name == "argon2":
        is_costly = parsed.memory_cost > _MAX_MEMORY_KIB or parsed.rounds * parsed.memory_cost > _MAX_ARGON2_WORK
    elif name == "scrypt":
        kib = (parsed.block_size << parsed.rounds) >> 3
        is_costly = kib > _MAX_MEMORY_KIB or kib * parsed.parallelism > _MAX_ARGON2_WORK
    else:
        limit = _MAX_ROUNDS.get(name)
        is_costly = limit is not None and parsed.rounds > limit
    if is_costly:
        raise CostlyHash


def _is_one_of(attempt: Attempt, *, names: Sequence[str]) -> bool:
    value = attempt.stored.strip()
    for name in names:
        if _handler(name).identify(value):
            return _is_passlib(attempt, name=name)
    raise MalformedHash


def _is_django(attempt: Attempt) -> bool:
    """Compare with `algorithm$…`; two of Django's algorithms only prefix what others know without it."""
    algorithm, _, rest = attempt.stored.strip().partition("$")
    if algorithm == "bcrypt":
        return _is_passlib(_with_value(attempt, rest), name="bcrypt")
    if algorithm == "argon2":
        return _is_passlib(_with_value(attempt, f"${rest}"), name="argon2")
    return _is_one_of(attempt, names=_DJANGO)


def _is_prefixed(attempt: Attempt, *, checks: Mapping[str, Check], without: Check | None = None) -> bool:
    """Compare by the {id} before the value; ids are told apart without regard to case only where that is safe."""
    match = _PREFIX.fullmatch(attempt.stored)
    if match is None:
        if without is None:
            raise MalformedHash
        return without(attempt)
    check = checks.get(match[1]) or checks.get(match[1].upper())
    if check is None:
        raise MalformedHash
    return check(_with_value(attempt, match[2]))


def _is_ldap_pbkdf2(attempt: Attempt, *, name: str) -> bool:
    ident = "$pbkdf2$" if name == "pbkdf2_sha1" else f"${name.replace('_', '-')}$"
    return _is_passlib(_with_value(attempt, ident + attempt.stored), name=name)


def _with_value(attempt: Attempt, value: str) -> Attempt:
    return dataclasses.replace(attempt, stored=value)


_MODULAR: Check = partial(_is_one_of, names=_CRYPT)

#: `userPassword` (RFC 2307 §5.3 and what OpenLDAP's modules added), by scheme in capitals.
LDAP_SCHEMES: Mapping[str, Check] = MappingProxyType(
    {
        "MD5": ldap_digest(DIGESTS["md5"], is_salted=False),
        "SMD5": ldap_digest(DIGESTS["md5"], is_salted=True),
        "SHA": ldap_digest(DIGESTS["sha1"], is_salted=False),
        "SSHA": ldap_digest(DIGESTS["sha1"], is_salted=True),
        "SHA256": ldap_digest(DIGESTS["sha256"], is_salted=False),
        "SSHA256": ldap_digest(DIGESTS["sha256"], is_salted=True),
        "SHA512": ldap_digest(DIGESTS["sha512"], is_salted=False),
        "SSHA512": ldap_digest(DIGESTS["sha512"], is_salted=True),
        "SM3": ldap_digest(DIGESTS["sm3"], is_salted=False),
        "SSM3": ldap_digest(DIGESTS["sm3"], is_salted=True),
        "CRYPT": _MODULAR,
        "ARGON2": partial(_is_passlib, name="argon2"),
        "PBKDF2": partial(_is_ldap_pbkdf2, name="pbkdf2_sha1"),
        "PBKDF2-SHA256": partial(_is_ldap_pbkdf2, name="pbkdf2_sha256"),
        "PBKDF2-SHA512": partial(_is_ldap_pbkdf2, name="pbkdf2_sha512"),
        "CLEARTEXT": is_plain,
    }
)
_LDAP: Check = partial(_is_prefixed, checks=LDAP_SCHEMES, without=is_plain)

#: DelegatingPasswordEncoder's ids; case counts, {sha256} and {SHA-256} are two different things.
SPRING_IDS: Mapping[str, Check] = MappingProxyType(
    {
        "bcrypt": partial(_is_passlib, name="bcrypt"),
        "noop": is_plain,
        "ldap": _LDAP,
        "MD5": spring_message_digest("md5"),
        "SHA-1": spring_message_digest("sha1"),
        "SHA-256": spring_message_digest("sha256"),
        "SM3": spring_message_digest("sm3"),
        "sha256": is_spring_standard,
        "pbkdf2": spring_pbkdf2(name="sha1", salt_size=8, iterations=185_000),
        "pbkdf2@SpringSecurity_v5_8": spring_pbkdf2(name="sha256", salt_size=16, iterations=310_000),
        "scrypt": is_spring_scrypt,
        "scrypt@SpringSecurity_v5_8": is_spring_scrypt,
        "argon2": partial(_is_passlib, name="argon2"),
        "argon2@SpringSecurity_v5_8": partial(_is_passlib, name="argon2"),
    }
)

_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        **HOME_MADE,
        **{name: partial(_is_passlib, name=name) for name in (*_CRYPT, *_MAX_ROUNDS, *_FIXED, *sorted(_OF_TEXT))},
        "modular_crypt": _MODULAR,
        "django": _is_django,
        "ldap": _LDAP,
        "spring": partial(_is_prefixed, checks=SPRING_IDS),
        "shiro": is_shiro,
        "aspnet_identity": is_aspnet_identity,
    }
)

#: Every name that a system's row may hold.
SCHEMES = frozenset((*_CHECKS, NO_PASSWORDS))

#: Those whose `PasswordRule.secret` must be set.
KEYED_SCHEMES = frozenset(("des_ecb", "triple_des_ecb"))


def verify(rule: PasswordRule, stored: StoredPassword, password: str, *, login: str = "") -> Verdict:
    """Tell whether the password is the stored one; never raises. Some schemes hash the account's login as well.

    An empty password proves nothing, whatever is stored. What the system's own encoding cannot write was never
    set there.
    """
    if rule.scheme not in SCHEMES:
        return Verdict.UNKNOWN_SCHEME
    if rule.scheme == NO_PASSWORDS or not stored.stored.strip():
        return Verdict.NO_PASSWORD
    if not password or len(password) > MAX_LENGTH:
        return Verdict.MISMATCH
    if len(stored.stored) > _MAX_STORED or len(stored.salt) > _MAX_STORED:
        return Verdict.MALFORMED
    try:
        raw = password.encode(rule.encoding)
    except UnicodeEncodeError:
        return Verdict.MISMATCH
    salt = stored.salt.encode("utf-8", "surrogatepass")
    attempt = Attempt(stored=stored.stored, salt=salt, login=login, text=password, raw=raw, secret=rule.secret)
    try:
        return Verdict.MATCH if _CHECKS[rule.scheme](attempt) else Verdict.MISMATCH
    except CostlyHash:
        return Verdict.TOO_COSTLY
    except (MalformedHash, UnicodeEncodeError):
        return Verdict.MALFORMED


def dummy(rule: PasswordRule) -> StoredPassword:
    """Return a stored value that nothing opens and that costs what the scheme usually costs.

    Compared with where there is no account, so that one that is there takes no longer.
    """
    return _dummy(rule.scheme)


@cache
def _dummy(scheme: str) -> StoredPassword:
    name = {"spring": "bcrypt", "modular_crypt": "bcrypt", "django": "django_pbkdf2_sha256"}.get(scheme, scheme)
    if name in HOME_MADE or not hasattr(passlib_hash, name) or name == "ldap":
        return StoredPassword(_NOTHING.get(scheme, new_secret()), salt="0")
    user = {"user": "nobody"} if name in _WITH_LOGIN else {}
    handler = _handler(name)
    if name in _USUAL_ROUNDS:
        handler = handler.using(rounds=_USUAL_ROUNDS[name])
    value = str(handler.hash(new_secret()[:14], **user))
    return StoredPassword(f"{{bcrypt}}{value}" if scheme == "spring" else value)


# What software in the field asks for, where the library's own preset is much dearer.
_USUAL_ROUNDS: Mapping[str, int] = MappingProxyType(
    {
        "bcrypt": 10,
        "bcrypt_sha256": 10,
        "django_bcrypt_sha256": 12,
        "phpass": 13,
        "sha256_crypt": 5000,
        "sha512_crypt": 5000,
        "sha1_crypt": 20_000,
        "sun_md5_crypt": 5000,
        "fshp": 4096,
        "scrypt": 14,
    }
)

_SIZES = {name: len(digest(b"")) for name, digest in DIGESTS.items()}

# What no password is hashed to, in the form of each scheme.
_NOTHING: Mapping[str, str] = MappingProxyType(
    {
        **{
            scheme: "00" * _SIZES[scheme.partition("_")[0]]
            for scheme in HOME_MADE
            if scheme.partition("_")[0] in _SIZES
        },
        "md5_middle": "00" * 8,
        "des_ecb": "00" * 16,
        "triple_des_ecb": "00" * 16,
        "shiro": "$shiro1$SHA-256$500000$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "=",
        "aspnet_identity": base64.b64encode(struct.pack(">BIII", 1, 1, 10_000, 16) + bytes(48)).decode(),
    }
)
