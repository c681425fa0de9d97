"""Which worker a batch is in the hands of, and how far it is.

A worker holds a batch by a lease that it renews with each checkpoint, in the transaction of what it wrote: whoever
lost it finds that out before anything of theirs counts.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import seconds
from idp.core.errors import IdpError
from idp.linking.batches import WORK, BatchView, view
from idp.linking.models import ImportBatch
from idp.linking.vocabulary import BatchState

#: So long nobody else takes a batch whose worker is silent.
LEASE_SECONDS = 120


class LeaseLost(IdpError):
    """Somebody else works on the batch now, or it was paused, stopped or cancelled."""


def lease(session: Session, worker: str, *, at: datetime) -> BatchView | None:
    """Take the oldest batch that waits for a worker, or that its worker left; None where there is none.

    Two batches of one system are never applied at once.
    """
    busy = sa.orm.aliased(ImportBatch)
    row = session.scalar(
        sa.select(ImportBatch)
        .where(
            ImportBatch.state.in_(WORK),
            ~ImportBatch.is_paused,
            sa.or_(ImportBatch.leased_until.is_(None), ImportBatch.leased_until <= at, ImportBatch.worker == worker),
            sa.or_(
                ImportBatch.state != BatchState.APPROVED,
                ~sa.exists().where(
                    busy.system_number == ImportBatch.system_number,
                    busy.number != ImportBatch.number,
                    busy.state == BatchState.APPLYING,
                ),
            ),
        )
        .order_by(ImportBatch.number)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    row.worker, row.leased_until = worker, at + seconds(LEASE_SECONDS)
    session.flush()
    return view(row)


def checkpoint(session: Session, batch: BatchView, worker: str, *, at: datetime, **changes: Any) -> None:
    """Write down how far a batch is, in the transaction of what was done; raises LeaseLost, and nothing counts.

    `changes` are columns: position, counters, and a state where this ends one.
    """
    held = session.execute(
        sa.update(ImportBatch)
        .where(
            ImportBatch.number == batch.number,
            ImportBatch.worker == worker,
            ImportBatch.state == batch.state,
            ~ImportBatch.is_paused,
        )
        .values(leased_until=at + seconds(LEASE_SECONDS), **changes)
        .execution_options(synchronize_session=False)
    )
    if held.rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(f"batch {batch.number}")


def release(session: Session, number: int, worker: str) -> None:
    """Let go of a batch that this worker holds."""
    session.execute(
        sa.update(ImportBatch)
        .where(ImportBatch.number == number, ImportBatch.worker == worker)
        .values(worker=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )
