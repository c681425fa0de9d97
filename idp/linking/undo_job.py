"""The work on batches that are taken back: chunk by chunk, each a transaction, until nothing is left."""

import structlog

from idp.core.clock import Clock
from idp.linking import undoing
from idp.linking.journal import Change
from idp.storage.engine import Database

_CHUNKS_AT_ONCE = 20
_log = structlog.get_logger("idp.linking")


class UndoJob:
    """Takes back what was asked and approved. It may be killed at any moment: a chunk is whole or was not."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(self, *, most_chunks: int = _CHUNKS_AT_ONCE) -> bool:
        """Go on with what waits by so many chunks at most; tell whether there is more."""
        with self._database.read() as session:
            waiting = undoing.waiting_undos(session)
        for batch_number in waiting:
            while most_chunks > 0:
                most_chunks -= 1
                with self._database.transaction() as session:
                    step = undoing.carry_on(session, batch_number, change=Change(at=self._clock.now()))
                if step is None:
                    _log.info("linking.undone", batch=batch_number)
                    break
            else:
                return True
        return False
