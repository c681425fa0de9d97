"""Imports as pages and interfaces read them; what moves them lies in `batches`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.link_models import Link
from idp.linking.models import AccountSituation, ImportBatch
from idp.linking.vocabulary import BatchState, LinkState
from idp.storage.engine import take_time

#: While these last, a worker has something to do.
MOVING = frozenset(
    {BatchState.STAGING, BatchState.MATCHING, BatchState.APPROVED, BatchState.APPLYING, BatchState.UNDOING}
)
#: In these, somebody has something to do.
WAITING = frozenset({BatchState.UPLOADED, BatchState.REVIEW})


@dataclass(frozen=True, slots=True)
class BatchView:
    """An import as it stands."""

    number: int
    system_number: int
    kind: str
    state: BatchState
    is_paused: bool
    reason: str | None
    file_digest: str | None
    file_size: int | None
    counters: Mapping[str, Any]
    rules_version: int
    created_by: str | None
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    undo_asked_by: str | None
    undo_approved_by: str | None
    finished_at: datetime | None
    file: str | None = field(repr=False)
    layout: Mapping[str, Any] | None = field(repr=False)
    columns: Mapping[str, Any] | None = field(repr=False)

    @property
    def is_moving(self) -> bool:
        """Tell whether a worker is at it, or will be soon."""
        return self.state in MOVING and not self.is_paused


def find_batch(session: Session, number: int) -> BatchView | None:
    """Return an import."""
    row = session.get(ImportBatch, number, populate_existing=True)
    return None if row is None else _view(row)


def batches_of(
    session: Session,
    system_numbers: Iterable[int],
    *,
    states: frozenset[BatchState] | None = None,
    before: int | None = None,
    most: int = 50,
) -> tuple[BatchView, ...]:
    """Return imports into these systems, the newest first; single accounts taken in by themselves are none."""
    statement = sa.select(ImportBatch).where(
        ImportBatch.system_number.in_(list(system_numbers)), ImportBatch.kind != "single"
    )
    if states is not None:
        statement = statement.where(ImportBatch.state.in_(sorted(states)))
    if before is not None:
        statement = statement.where(ImportBatch.number < before)
    rows = session.scalars(statement.order_by(ImportBatch.number.desc()).limit(most))
    return tuple(map(_view, rows))


def links_of_batch(session: Session, number: int) -> Mapping[LinkState, int]:
    """Return the links that an import proposed, by what became of them until now."""
    take_time(session)
    rows = session.execute(
        sa.select(Link.state, sa.func.count()).where(Link.batch_number == number).group_by(Link.state)
    )
    return {LinkState(state): count for state, count in rows}


def situations_of_system(session: Session, system_number: int) -> Mapping[str, int]:
    """Return how many accounts of a system are in which situation now."""
    take_time(session)
    rows = session.execute(
        sa.select(AccountSituation.situation, sa.func.count())
        .where(AccountSituation.system_number == system_number)
        .group_by(AccountSituation.situation)
    )
    return {row.situation: row[1] for row in rows}


def _view(row: ImportBatch) -> BatchView:
    return BatchView(
        number=row.number,
        system_number=row.system_number,
        kind=row.kind,
        state=BatchState(row.state),
        is_paused=row.is_paused,
        reason=row.reason,
        file_digest=row.file_digest,
        file_size=row.file_size,
        counters=row.counters,
        rules_version=row.rules_version,
        created_by=row.created_by,
        created_at=row.created_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        undo_asked_by=row.undo_asked_by,
        undo_approved_by=row.undo_approved_by,
        finished_at=row.finished_at,
        file=row.file,
        layout=row.layout,
        columns=row.columns,
    )
