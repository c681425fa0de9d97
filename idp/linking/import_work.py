"""What the pieces of an import's work share: where they write, and how they end early."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.crypto.keyring import Keyring
from idp.linking import leases
from idp.linking.batches import BatchView, find_batch
from idp.linking.safeguards import Safeguards, StopReason
from idp.linking.uploads import Uploads
from idp.storage.engine import Database, take_time

#: Rows to a transaction: at 5,000 loading took nearly twice as long, above this it gains nothing.
CHUNK_ROWS = 20_000


class Stopped(IdpError):
    """The work on a batch ends here; people may let it go on where `may_go_on` says so."""

    def __init__(self, reason: StopReason, *, may_go_on: bool = False) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.may_go_on = may_go_on


@dataclass(frozen=True, slots=True)
class Workshop:
    """The collaborators of one worker, and its name in the leases."""

    database: Database
    keyring: Keyring
    clock: Clock
    uploads: Uploads
    limits: Safeguards
    worker: str
    chunk_rows: int = CHUNK_ROWS

    @contextmanager
    def writing(self, held: BatchView | None = None) -> Iterator[Session]:
        """Open a transaction that may take its time; one checkpoint belongs in each.

        With `held` nobody takes that batch over meanwhile, however long it takes.
        """
        with self.database.transaction() as session:
            take_time(session)
            if held is not None:
                find_batch(session, held.number, hold=True)
            yield session

    def checkpoint(self, session: Session, batch: BatchView, **columns: Any) -> None:
        """Write down how far the batch is; raises LeaseLost, and then nothing of this transaction counts."""
        leases.checkpoint(session, batch, self.worker, at=self.clock.now(), **columns)

    def require_same_file(self, batch: BatchView) -> None:
        """Raise Stopped unless the batch's file is the one that was uploaded."""
        try:
            is_same = bool(batch.file) and self.uploads.is_same(batch.file or "", batch.file_digest or "")
        except FileNotFoundError:
            raise Stopped(StopReason.FILE_MISSING) from None
        if not is_same:
            raise Stopped(StopReason.FILE_CHANGED)
