"""Which scheme a column of stored passwords may be in, from their form and from first passwords that open them.

For the person who sets up a system and must say it; what they say is kept, and nothing is guessed later.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from idp.linking.contents import StoredPassword
from idp.linking.default_passwords import RowFacts, likely_passwords
from idp.linking.password_rule import PasswordRule, Verdict
from idp.linking.schemes import LDAP_SCHEMES, NO_PASSWORDS, SPRING_IDS, verify

#: More say nothing new, and each is opened with likely passwords.
MAX_SAMPLES = 200

_COMMON_FIRST = ("123456", "12345678", "000000", "111111", "888888", "666666", "password", "abc123", "admin")
_MAX_LIKELY = 60

_PREFIXED = re.compile(r"\{([A-Za-z0-9@_./-]{1,40})\}.+", re.DOTALL)
_HEX = re.compile(r"[0-9A-Fa-f]+")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

_HEX_SCHEMES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        16: ("md5_middle", "mysql323", "oracle10"),
        32: ("md5", "md5_md5_salt", "nthash", "lmhash"),
        40: ("sha1",),
        64: ("sha256", "sm3"),
        128: ("sha512",),
    }
)
_SALTED_HEX: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        32: ("md5_password_salt", "md5_salt_password", "md5_md5_salt"),
        40: ("sha1_password_salt", "sha1_salt_password"),
        64: ("sha256_password_salt", "sha256_salt_password", "sm3_password_salt", "sm3_salt_password"),
        128: ("sha512_password_salt", "sha512_salt_password"),
    }
)
# The dear ones are known by their form alone; opening them with likely passwords would take minutes.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\$shiro1\$.+"), "shiro"),
    (re.compile(r"(?:pbkdf2_sha(?:1|256)|bcrypt(?:_sha256)?|argon2|sha1|md5)\$.+"), "django"),
    (re.compile(r"\$[A-Za-z0-9,=-]+\$.+"), "modular_crypt"),
    (re.compile(r"\*[0-9A-F]{40}"), "mysql41"),
    (re.compile(r"md5[0-9a-f]{32}"), "postgres_md5"),
    (re.compile(r"S:[0-9A-Fa-f]{60}"), "oracle11"),
    (re.compile(r"0x0100[0-9A-Fa-f]{88}"), "mssql2000"),
    (re.compile(r"0x0100[0-9A-Fa-f]{48}"), "mssql2005"),
    (re.compile(r"grub\.pbkdf2\.sha512\..+"), "grub_pbkdf2_sha512"),
    (re.compile(r"\{FSHP[0-9]\|.+"), "fshp"),
    (re.compile(r"\{PKCS5S2\}.+"), "atlassian_pbkdf2_sha1"),
    (re.compile(r"A[QA][A-Za-z0-9+/]{50,}={0,2}"), "aspnet_identity"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One row's stored password and what the row says of its holder."""

    stored: StoredPassword
    facts: RowFacts


@dataclass(frozen=True, slots=True)
class Guess:
    """A scheme that `fitting` of the samples have the form of; `opened` of them by a likely first password.

    One that was opened is certain. Among several that only fit, a human must ask the system's owner.
    """

    scheme: str
    fitting: int
    opened: int


def guess_scheme(samples: Sequence[Sample], *, patterns: Sequence[str] = ()) -> tuple[Guess, ...]:
    """Return what the samples may be in, the most likely first; never raises.

    `patterns` are those of the system's first passwords, as far as they are known. Schemes with a key are known
    by their form alone, since the key is not at hand.
    """
    held = [sample for sample in samples[:MAX_SAMPLES] if sample.stored.stored.strip()]
    if not held:
        return (Guess(NO_PASSWORDS, len(samples[:MAX_SAMPLES]), 0),)
    fitting: Counter[str] = Counter()
    opened: Counter[str] = Counter()
    for sample in held:
        likely = _likely(sample.facts, patterns)
        for scheme in _by_form(sample.stored):
            fitting[scheme] += 1
            if _is_cheap(scheme) and _opens(scheme, sample, likely):
                opened[scheme] += 1
    # Counters keep the order of first mention, and sorting keeps it among equals: usual schemes stay first.
    found = (Guess(scheme, count, opened[scheme]) for scheme, count in fitting.items())
    return tuple(sorted(found, key=lambda guess: (-guess.opened, -guess.fitting)))


def _by_form(stored: StoredPassword) -> tuple[str, ...]:
    value = stored.stored.strip()
    prefixed = _PREFIXED.fullmatch(value)
    if prefixed is not None:
        fits = (("spring", prefixed[1] in SPRING_IDS), ("ldap", prefixed[1].upper() in LDAP_SCHEMES))
        named = tuple(scheme for scheme, is_known in fits if is_known)
        if named:
            return named
    for form, scheme in _FORMS:
        if form.fullmatch(value):
            return (scheme,)
    if _HEX.fullmatch(value) and len(value) in _HEX_SCHEMES:
        bare = _HEX_SCHEMES[len(value)]
        return tuple(dict.fromkeys((*_SALTED_HEX.get(len(value), ()), *bare))) if stored.salt else bare
    if len(value) >= 12 and len(value) % 4 == 0 and _BASE64.fullmatch(value) and _has_blocks(value):
        return ("des_ecb", "triple_des_ecb", "plain")
    return ("plain",)


def _has_blocks(base64_text: str) -> bool:
    size = len(base64_text) * 3 // 4 - base64_text[-2:].count("=")
    return size % 8 == 0


def _is_cheap(scheme: str) -> bool:
    return scheme not in ("django", "modular_crypt", "shiro", "aspnet_identity", "grub_pbkdf2_sha512", "fshp", "spring")


def _likely(facts: RowFacts, patterns: Sequence[str]) -> tuple[str, ...]:
    own = (password for _, password in likely_passwords(facts, patterns=patterns))
    return tuple(dict.fromkeys((*_COMMON_FIRST, *islice(own, _MAX_LIKELY))))


def _opens(scheme: str, sample: Sample, likely: Sequence[str]) -> bool:
    rule, login = PasswordRule(scheme), sample.facts.login
    return any(verify(rule, sample.stored, password, login=login) is Verdict.MATCH for password in likely)
