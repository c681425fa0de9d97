"""What a worker remembers of clients and resource servers, and how it learns that it is out of date.

A mark in the short-lived store changes with every change of the registry; what was read under another mark is
read again. A worker goes by the mark that it saw a moment ago, and a change is acknowledged when that moment is over
everywhere: so a client disabled on one worker is refused by the next request on every other one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock, seconds
from idp.storage.short_lived.store import ShortLivedStore

T = TypeVar("T")

# Also where a mark could ever mislead (a store that came back older), nothing is believed longer.
_BELIEVED_SECONDS = 30
#: How long a worker goes by a mark, and how long a change waits for all of them.
MARK_SECONDS = 0.25
_MOST_ENTRIES = 4096
_MARK = "registry"


class RegistryMark:
    """The mark of the registry's present state; the times are durations of each process's own."""

    def __init__(self, *, store: ShortLivedStore) -> None:
        self._store = store
        self._seen = ("", 0.0)  # until when; one value, so that no thread pairs one's mark with another's end

    def current(self) -> str:
        """Return the mark, as it was at most MARK_SECONDS ago; raises StoreUnavailable."""
        mark, until = self._seen
        asked_at = time.monotonic()
        if asked_at >= until:
            mark = self._store.mark(_MARK)
            # Counted from before the question: whatever was renewed after it is seen in time.
            self._seen = (mark, asked_at + MARK_SECONDS)
        return mark

    def renew(self) -> None:
        """Make every worker read again, and return when none goes by the mark of before any more."""
        self._store.renew_mark(_MARK)
        time.sleep(MARK_SECONDS)

    def renew_after(self, session: Session) -> None:
        """Renew the mark once the session's transaction is committed, before its change is acknowledged."""
        sa.event.listen(session, "after_commit", lambda _session: self.renew(), once=True)


class Remembered(Generic[T]):
    """A bounded memory of things by key, each believed only under the mark that it was read under."""

    def __init__(self, *, mark: RegistryMark, clock: Clock) -> None:
        self._mark = mark
        self._clock = clock
        self._lock = Lock()
        self._entries: OrderedDict[str, tuple[T, str, datetime]] = OrderedDict()

    def get(self, key: str, load: Callable[[str], T | None]) -> T | None:
        """Return what `load` gave for `key` under the present mark, asking it where nothing is remembered."""
        mark, now = self._mark.current(), self._clock.now()
        entry = self._entries.get(key)
        if entry is not None and entry[1] == mark and now - entry[2] < seconds(_BELIEVED_SECONDS):
            return entry[0]
        # The mark was read before the rows: a change in between leaves a mark that is not believed again.
        loaded = load(key)
        if loaded is None:
            return None  # not remembered: what is registered a moment later needs no new mark
        with self._lock:
            self._entries[key] = (loaded, mark, now)
            self._entries.move_to_end(key)
            if len(self._entries) > _MOST_ENTRIES:
                self._entries.popitem(last=False)
        return loaded
