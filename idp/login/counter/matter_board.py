"""Which matters were opened lately in a department: their ids, beside the matters, in the short-lived store.

A matter is found by its id or its code; this only lets clerks see which there are. So what goes wrong here costs a
line on a page and no matter.
"""

from datetime import timedelta

from idp.core.clock import Clock
from idp.login.counter.matter import LIFE_SECONDS
from idp.storage.short_lived.store import Kind, ShortLivedStore

#: A list is begun anew each half-hour and read as long as a matter of it may live.
_KEPT_SECONDS = 2 * LIFE_SECONDS
#: Nobody looks through more; what is beyond is found by its code.
_MOST = 200
_TRIES = 50


class MatterBoard:
    """Lists by department and half-hour. Clerks of one department write to one document, each a line of their own."""

    def __init__(self, *, store: ShortLivedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def note(self, department_id: str, matter_id: str) -> None:
        """Add a matter that was opened now; where that many write at once that this one never gets to it, leave it."""
        handle = self._handle(department_id, 0)
        for _attempt in range(_TRIES):
            listed = self._store.get(Kind.COUNTER_MATTERS, handle)
            if listed is None:
                # Of several who begin a list one does, or the others' lines would be overwritten.
                if self._store.add_once(Kind.COUNTER_MATTERS_BEGUN, handle, seconds=_KEPT_SECONDS):
                    self._store.put(Kind.COUNTER_MATTERS, handle, {"matters": [matter_id]}, seconds=_KEPT_SECONDS)
                    return
                continue
            longer = {"matters": [*listed["matters"], matter_id]}
            is_full = len(listed["matters"]) >= _MOST
            if is_full or self._store.update(Kind.COUNTER_MATTERS, handle, listed, longer):
                return

    def of(self, department_id: str) -> tuple[str, ...]:
        """Return the ids of the matters that may be alive there, the oldest first."""
        lists = [self._store.get(Kind.COUNTER_MATTERS, self._handle(department_id, back)) for back in (1, 0)]
        return tuple(matter_id for listed in lists if listed is not None for matter_id in listed["matters"])

    def _handle(self, department_id: str, back: int) -> str:
        begun = self._clock.now() - back * timedelta(seconds=LIFE_SECONDS)
        return f"{department_id} {int(begun.timestamp()) // LIFE_SECONDS}"
