"""How often services may be asked: about one number whoever asks, and of each service."""

from dataclasses import dataclass

from idp.core.clock import Clock, civil_date
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.document_number import DocumentNumber

_MINUTE, _DAY = 60, 86_400


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """How often may be asked: about one number a day whoever asks, and of a service a minute and a day."""

    per_number_per_day: int
    per_minute: int
    per_day: int


class Quota:
    """Counts questions in the short-lived store, for all workers together.

    How often one person may try is counted in SQL by whoever asks for them: a counter that is lost there would let
    somebody guess. These protect others' numbers, the service and the budget.
    """

    def __init__(self, *, limits: QuestionLimits, store: ShortLivedStore, keyring: Keyring, clock: Clock) -> None:
        self._limits = limits
        self._store = store
        self._keyring = keyring
        self._clock = clock

    def limit_reached(self, service: str, number: DocumentNumber | None) -> str | None:
        """Count one more question and return the code of the limit that it is over; one refused costs no budget.

        `number` is None where the service itself finds out whom the question is about.
        """
        # Over all services: a second one must not double what may be tried about a person.
        if number is not None and self._count(self._about(number), _DAY) > self._limits.per_number_per_day:
            return "local.number_limit"
        if self._count(f"realname minute {service}", _MINUTE) > self._limits.per_minute:
            return "local.rate_limit"
        # The budget is that of a civil day, as it is paid for.
        day = civil_date(self._clock.now()).isoformat()
        if self._count(f"realname budget {service} {day}", _DAY) > self._limits.per_day:
            return "local.budget"
        return None

    def _about(self, number: DocumentNumber) -> str:
        digest = keyed_digest(self._keyring, "number limit", f"{number.type} {number.canonical}")
        return f"realname number {digest}"

    def _count(self, handle: str, window_seconds: int) -> int:
        return self._store.increment(Kind.LIMIT, handle, seconds=window_seconds)
