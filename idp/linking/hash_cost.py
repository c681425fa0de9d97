"""How much work a stored password may ask for.

The values come from strangers' files: whoever wrote one must not decide how long our processors are busy.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from idp.linking.framework_passwords import MAX_ITERATIONS
from idp.linking.password_rule import CostlyHash

#: By scheme: a second of work or so, on the machine that this was measured on; honest systems stay far below.
MAX_ROUNDS: Mapping[str, int] = MappingProxyType(
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


def refuse_costly(name: str, parsed: Any) -> None:
    """Raise CostlyHash where a parsed hash of that scheme asks for more work than any honest system does."""
    if name == "argon2":
        is_costly = parsed.memory_cost > _MAX_MEMORY_KIB or parsed.rounds * parsed.memory_cost > _MAX_ARGON2_WORK
    elif name == "scrypt":
        kib = (parsed.block_size << parsed.rounds) >> 3
        is_costly = kib > _MAX_MEMORY_KIB or kib * parsed.parallelism > _MAX_ARGON2_WORK
    else:
        limit = MAX_ROUNDS.get(name)
        is_costly = limit is not None and parsed.rounds > limit
    if is_costly:
        raise CostlyHash
