"""The keyring of a running process: it follows the keys in the database, so a rotation needs no restart.

Every use of a key is preceded by a look at a monotonic clock. Keys older than the lease are not used at
all: a rotation that has waited that long knows that no process works with what was there before.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from idp.core.errors import StoreUnavailable
from idp.crypto.keyring import Keyring
from idp.keys.store import LoadedKeys

_RETRY_SECONDS = 1.0
_log = structlog.get_logger("idp.keys")


class KeySource(Protocol):
    """What keys are loaded from."""

    def load(self) -> LoadedKeys:
        """Return the live keys."""

    def fingerprint(self) -> str:
        """Return what tells the present keys from any others."""


def lease_seconds(reload_seconds: float) -> float:
    """Return how long loaded keys may be used without having been looked after."""
    return 2 * reload_seconds


class LiveKeyring(Keyring):
    """A keyring whose keys are looked after every `reload_seconds`; thread-safe.

    Every method may raise StoreUnavailable once the keys could not be looked after for the whole lease.
    """

    __slots__ = ("_due", "_ends", "_loaded", "_lock", "_monotonic", "_reload_seconds", "_source")

    def __init__(
        self, *, source: KeySource, reload_seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Load the keys; raises ConfigError or StoreUnavailable."""
        self._source = source
        self._reload_seconds = reload_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._due: float
        self._ends: float
        self._renew(monotonic())
        self._loaded = source.load()

    @property
    def fingerprint(self) -> str:
        """Which keys this process works with."""
        self._current()
        return self._loaded.fingerprint

    def _current(self) -> Keyring:
        if self._monotonic() >= self._due:
            self._look_after()
        return self._loaded.keyring

    def _look_after(self) -> None:
        # One thread asks, the others go on with what they have; past the lease all of them wait.
        if not self._lock.acquire(blocking=self._monotonic() >= self._ends):
            return
        try:
            began = self._monotonic()
            if began < self._due:
                return  # another thread was faster
            try:
                if self._source.fingerprint() != self._loaded.fingerprint:
                    self._loaded = self._source.load()
                    _log.info("keys.reloaded", fingerprint=self._loaded.fingerprint)
            except Exception as error:
                self._due = began + _RETRY_SECONDS
                if began >= self._ends:
                    self._due = began
                    raise StoreUnavailable(f"keys: {type(error).__name__}") from None
                _log.warning("keys.not_reloaded", problem=type(error).__name__)
                return
            self._renew(began)
        finally:
            self._lock.release()

    def _renew(self, began: float) -> None:
        self._due = began + self._reload_seconds
        self._ends = began + lease_seconds(self._reload_seconds)
