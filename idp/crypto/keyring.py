"""The keys that a process works with: per purpose one active version and those that still read."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from idp.core.errors import ConfigError
from idp.crypto.ciphertext import Place, associated_data_of, parse
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.suites import Suite, suite_by_name
from idp.crypto.working_key import MATERIAL_SIZE, WorkingKey


class Purpose(StrEnum):
    """What a key is for; one key never serves two purposes."""

    DATA = "data"  # columns, and the wrapped keys of persons
    INDEX = "index"  # blind indexes
    DIGEST = "digest"  # every other digest that is stored or shown
    SUBJECT = "subject"
    ROTATION = "rotation"  # successors of refresh tokens
    CODE = "code"  # the MAC in authorization codes
    AUDIT = "audit"
    MESSAGE = "message"  # parked content of the short-lived store and the outbox
    SESSION_COOKIE = "session_cookie"


class KeyState(StrEnum):
    """What a live key does.

    A new key is `read` first, so that every worker knows it before one of them writes with it.
    """

    ACTIVE = "active"  # encrypts, and is the one that look-ups use
    READ = "read"  # decrypts and verifies; blind indexes are written under it as well


@dataclass(frozen=True, slots=True, eq=False)
class DataKey:
    """One version of a purpose's key as it leaves its wrapping. Raises ConfigError for an impossible key."""

    purpose: Purpose
    version: int
    suite: str
    material: bytes = field(repr=False)
    state: KeyState

    def __post_init__(self) -> None:
        suite_by_name(self.suite)
        if self.version < 1 or len(self.material) != MATERIAL_SIZE:
            raise ConfigError(f"key {self.purpose} version {self.version} is damaged; restore the keys' backup")


def generate_data_key(purpose: Purpose, version: int, suite: Suite, state: KeyState) -> DataKey:
    """Return a new random key."""
    return DataKey(purpose, version, suite.name, secrets.token_bytes(MATERIAL_SIZE), state)


class Keyring:
    """Immutable; a rotation builds another one, which `idp.keys.live` swaps in.

    Methods that need an active key raise ConfigError where the purpose has none.
    """

    __slots__ = ("_active", "_live")

    def __init__(self, keys: Sequence[DataKey]) -> None:
        """Raise ConfigError when a version stands twice or a purpose has not exactly one active key."""
        self._live: dict[Purpose, dict[int, WorkingKey]] = {}
        self._active: dict[Purpose, WorkingKey] = {}
        for key in keys:
            versions = self._live.setdefault(key.purpose, {})
            if key.version in versions:
                raise ConfigError(f"key {key.purpose} version {key.version} exists twice; remove one row")
            versions[key.version] = working = WorkingKey(
                suite=suite_by_name(key.suite), label=key.purpose, version=key.version, material=key.material
            )
            if key.state is KeyState.ACTIVE:
                if key.purpose in self._active:
                    raise ConfigError(f"two keys {key.purpose} are active; set one of them to read")
                self._active[key.purpose] = working
        for purpose in self._live.keys() - self._active.keys():
            raise ConfigError(f"no key {purpose} is active; activate one of its versions")

    def encrypt(self, purpose: Purpose, plaintext: bytes, place: Place) -> bytes:
        """Return `plaintext` encrypted with the active key and bound to `place`."""
        return self._active_key(purpose).encrypt(plaintext, place.associated_data())

    def encrypt_column(
        self, purpose: Purpose, table: str, column: str, rows: Sequence[str], plaintexts: Sequence[bytes]
    ) -> list[bytes]:
        """Return each text encrypted as `encrypt` does for that row's place in the column of the table; far sooner."""
        return self._active_key(purpose).encrypt_many(plaintexts, associated_data_of(table, column, rows))

    def decrypt(self, purpose: Purpose, ciphertext: bytes, place: Place) -> bytes:
        """Return the plaintext with whichever live key wrote it.

        Raises DecryptionFailed for anything that was not written for this purpose and place.
        """
        parsed = parse(ciphertext)
        key = self._current()._live.get(purpose, {}).get(parsed.version)
        if key is None:
            raise DecryptionFailed(DecryptionFailure.UNKNOWN_KEY)
        return key.decrypt(parsed, place.associated_data())

    def needs_rewrite(self, purpose: Purpose, ciphertext: bytes) -> bool:
        """Tell whether another key than the active one wrote it; raises DecryptionFailed when malformed."""
        active, parsed = self._active_key(purpose), parse(ciphertext)
        return (parsed.suite, parsed.label, parsed.version) != (active.suite, active.label, active.version)

    def mac(self, purpose: Purpose, data: bytes) -> bytes:
        """Return the 32-byte MAC of `data` under the active key."""
        return self._active_key(purpose).mac(data)

    def macs(self, purpose: Purpose, data: bytes) -> dict[int, bytes]:
        """Return the MAC of `data` under every live version, by version."""
        return {version: key.mac(data) for version, key in self._live_keys(purpose).items()}

    def mac_version(self, purpose: Purpose, version: int, data: bytes) -> bytes:
        """Return the MAC of `data` under that version; raises ConfigError when it is not live."""
        return self._versioned(purpose, version).mac(data)

    def is_valid_mac(self, purpose: Purpose, data: bytes, mac: bytes) -> bool:
        """Tell whether `mac` is that of `data` under any live version."""
        # No early end: the time does not tell which version matched.
        matches = [hmac.compare_digest(expected, mac) for expected in self.macs(purpose, data).values()]
        return any(matches)

    def derive(self, purpose: Purpose, label: str, *, version: int | None = None) -> bytes:
        """Return 32 bytes for the use `label` (RFC 5869), of the active version unless another is named."""
        key = self._active_key(purpose) if version is None else self._versioned(purpose, version)
        return key.derive(label)

    def active_version(self, purpose: Purpose) -> int:
        """Return the version that encrypts and that look-ups use."""
        return self._active_key(purpose).version

    def active_suite(self, purpose: Purpose) -> Suite:
        """Return the suite of the active key."""
        return self._active_key(purpose).suite

    def suite(self, purpose: Purpose, version: int) -> Suite:
        """Return the suite of that version's key; raises ConfigError when it is not live."""
        return self._versioned(purpose, version).suite

    def versions(self, purpose: Purpose) -> tuple[int, ...]:
        """Return the live versions, the active one first."""
        keys = self._current()
        active = keys._active_key(purpose).version
        return (active, *sorted(keys._live[purpose].keys() - {active}, reverse=True))

    def require(self, *purposes: Purpose) -> None:
        """Raise ConfigError when one of the purposes has no key; a process asks once, at its start."""
        for purpose in purposes:
            self._active_key(purpose)

    def _current(self) -> "Keyring":
        """Return the keyring whose keys count now; one call sees one of them throughout."""
        return self

    def _active_key(self, purpose: Purpose) -> WorkingKey:
        key = self._current()._active.get(purpose)
        if key is None:
            raise ConfigError(f"there is no key {purpose}; create the missing keys with: idp keys init")
        return key

    def _live_keys(self, purpose: Purpose) -> dict[int, WorkingKey]:
        keys = self._current()
        keys._active_key(purpose)
        return keys._live[purpose]

    def _versioned(self, purpose: Purpose, version: int) -> WorkingKey:
        key = self._live_keys(purpose).get(version)
        if key is None:
            raise ConfigError(f"key {purpose} version {version} is not live; restore it or name a live one")
        return key
