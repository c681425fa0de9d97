"""One-time codes by message: drawn, parked as a keyed digest, tried a few times, used once.

A code has twenty bits, so its tries are counted in SQL before it is compared (ASVS 6.6.3), and its use
leaves a typed row there, so that no rolled-back store gives it a second life.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.core.clock import Clock, seconds
from idp.core.ids import new_id, new_numeric_code
from idp.crypto.blind_index import is_keyed_digest, keyed_digest
from idp.crypto.keyring import Keyring
from idp.persons.tries import Tries, TryAllowed, device_key_of, subject_of_unknown
from idp.persons.used_proofs import use_once
from idp.storage.short_lived.store import Kind, ShortLivedStore

_HOUR_SECONDS = 3_600
# How long a person waits before asking for another code.
RESEND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """Digits, life, tries and how many one mobile may get."""

    digits: int
    life_seconds: int
    tries: int
    per_mobile_per_hour: int


class OneTimeCodes:
    """Draws and checks codes; the parked half is a plain document that the caller keeps."""

    def __init__(self, *, keyring: Keyring, store: ShortLivedStore, clock: Clock, limits: CodeLimits) -> None:
        self._keyring = keyring
        self._store = store
        self._clock = clock
        self._limits = limits
        self._tries = Tries(tries_before_lock=limits.tries, lock_seconds=limits.life_seconds)

    @property
    def life_minutes(self) -> int:
        """How long a code is good for, in minutes, as messages and pages say it."""
        return self._limits.life_seconds // 60

    def is_allowed(self, mobile: str) -> bool:
        """Count one more code for a mobile; False where it had too many within the hour."""
        if self._limits.per_mobile_per_hour == 0:
            return True
        handle = "codes " + keyed_digest(self._keyring, "mobile limit", mobile)
        count = self._store.increment(Kind.LIMIT, handle, seconds=_HOUR_SECONDS)
        return count <= self._limits.per_mobile_per_hour

    def draw(self, *, is_real: bool) -> tuple[str, dict[str, Any]]:
        """Return a new code and what to park; one that is not real fits nothing that anybody could type."""
        code, code_id, now = new_numeric_code(self._limits.digits), new_id(), self._clock.now()
        digest = keyed_digest(self._keyring, "one-time code", f"{code_id} {code if is_real else new_id()}")
        return code, {
            "id": code_id,
            "digest": digest,
            "sent_at": now.isoformat(),
            "ends_at": (now + seconds(self._limits.life_seconds)).isoformat(),
        }

    def resend_after(self, parked: dict[str, Any]) -> int:
        """Return how many seconds are left before another code may be asked for."""
        since = (self._clock.now() - datetime.fromisoformat(parked["sent_at"])).total_seconds()
        return max(0, int(RESEND_SECONDS - since))

    def reserve(self, session: Session, parked: dict[str, Any]) -> bool:
        """Count a try, committed by the caller before `is_right` is asked; False where none is left."""
        subject = subject_of_unknown(self._keyring, f"one-time code {parked['id']}")
        reserved = self._tries.reserve(session, subject, device_key_of(None), at=self._clock.now())
        return isinstance(reserved, TryAllowed)

    def is_right(self, parked: dict[str, Any], typed: str) -> bool:
        """Compare what was typed; a code past its life fits nothing."""
        fits = is_keyed_digest(self._keyring, "one-time code", f"{parked['id']} {typed}", parked["digest"])
        return fits and datetime.fromisoformat(parked["ends_at"]) > self._clock.now()

    def use(self, session: Session, parked: dict[str, Any]) -> bool:
        """Spend the code for ever, in the transaction that acts on it; False where it was spent before."""
        ends_at = datetime.fromisoformat(parked["ends_at"])
        return use_once(
            session,
            "one_time_code",
            parked["id"],
            at=self._clock.now(),
            keep_until=ends_at + seconds(_HOUR_SECONDS),
        )
