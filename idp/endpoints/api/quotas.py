"""How much one system or device may ask, counted in the short-lived store over all processes."""

from enum import StrEnum

from idp.core.clock import Clock
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.endpoints.api.problems import ApiProblem, ProblemKind
from idp.storage.short_lived.store import Kind, ShortLivedStore

MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Asked(StrEnum):
    """What is counted apart."""

    REGISTRATION = "registration"
    VERIFICATION = "verification"
    LEVEL = "level"
    ENROLMENT = "device enrolment"
    DEVICE = "device"
    MAPPING = "mapping"


class Quotas:
    """Counts what is asked in windows that begin for everybody at the same time."""

    def __init__(self, *, store: ShortLivedStore, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    def count(self, caller: str, asked: Asked, *, most: int, window_seconds: int, about: str = "") -> None:
        """Count one more of a caller, or of a caller about somebody; raises ApiProblem beyond `most`, 0 for no limit.

        `caller` is the id of a client or a device, or an address. Others' questions about the same person are not
        counted in: they are none of this caller's business.
        """
        if most == 0:
            return
        now = self._clock.epoch()
        whom = keyed_digest(self._keyring, "api quota", about) if about else ""
        handle = f"api {asked} {caller} {window_seconds} {now // window_seconds} {whom}"
        if self._store.increment(Kind.LIMIT, handle, seconds=window_seconds) > most:
            raise ApiProblem(ProblemKind.QUOTA, retry_after_seconds=window_seconds - now % window_seconds)
