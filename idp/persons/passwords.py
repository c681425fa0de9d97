"""Hashing and verifying passwords: argon2id at the OWASP minimum (19 MiB, two passes, one lane).

A password is hashed exactly as typed, in UTF-8 (ASVS 6.2.8). NIST would also allow NFKC; it is not done,
because it maps different characters to one, and because a later Unicode table could map an old password
anew and lock its owner out. Passwords in Chinese are not changed by either choice.
"""

from collections.abc import Sequence

from passlib.hash import argon2

from idp.core.ids import new_secret
from idp.core.results import Ok, Refused
from idp.persons.password_policy import MAX_LENGTH, PasswordPolicy

# Argon2 is memory-hard: more memory per login would let a burst of logins exhaust a small server.
_ARGON2 = argon2.using(type="ID", rounds=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """The policy and the hash; makes one hash when built, for persons who do not exist."""

    def __init__(self, *, policy: PasswordPolicy) -> None:
        self._policy = policy
        self._dummy_hash = self.hash(new_secret())

    def check_policy(self, password: str, *, is_staff: bool, context: Sequence[str] = ()) -> Ok[None] | Refused:
        """Return Ok or a `PasswordProblem`; `context` are words that belong to the person."""
        return self._policy.check(password, is_staff=is_staff, context=context)

    def least_length(self, *, is_staff: bool) -> int:
        """Return how many characters the policy asks for."""
        return self._policy.least_length(is_staff=is_staff)

    def hash(self, password: str) -> str:
        """Return the hash to store, with its own salt; raises ValueError for one that is too long."""
        if len(password) > MAX_LENGTH:
            raise ValueError(f"a password has at most {MAX_LENGTH} characters")
        return str(_ARGON2.hash(_bytes(password)))

    def verify(self, password: str, stored_hash: str | None) -> bool:
        """Tell whether the password is the stored one; never raises.

        One hash is computed whether the person exists, has a password, or neither. What is too long is
        refused without one, the same for everybody.
        """
        if len(password) > MAX_LENGTH:
            return False
        usable = stored_hash is not None and _ARGON2.identify(stored_hash)
        try:
            matches = bool(_ARGON2.verify(_bytes(password), stored_hash if usable else self._dummy_hash))
        except ValueError:
            # A damaged row is nobody's password; it must not be told from a wrong one either.
            matches, usable = bool(_ARGON2.verify(_bytes(password), self._dummy_hash)), False
        return matches and usable

    def needs_rehash(self, stored_hash: str) -> bool:
        """Tell whether the hash was made at another cost than today's."""
        return not _ARGON2.identify(stored_hash) or bool(_ARGON2.needs_update(stored_hash))


def _bytes(password: str) -> bytes:
    # Lone surrogates, which a broken client may send, are a wrong password and no failure of ours.
    return password.encode("utf-8", "surrogatepass")
