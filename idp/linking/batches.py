"""Batches of files and their states: what may be done with one, and why something may not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.errors import IdpError
from idp.linking.models import ImportBatch, LegacySystem
from idp.linking.uploads import Upload
from idp.linking.vocabulary import BatchState, SystemState

#: What a worker does something about.
WORK = (BatchState.STAGING, BatchState.MATCHING, BatchState.APPROVED, BatchState.APPLYING)
_ENDED = (BatchState.CANCELLED, BatchState.UNDONE)
_MAY_CANCEL = (BatchState.UPLOADED, BatchState.STAGING, BatchState.MATCHING, BatchState.REVIEW, BatchState.STOPPED)


class BatchKind(StrEnum):
    """What a batch says about accounts that it does not bring."""

    FULL = "full"  # they are gone
    DELTA = "delta"  # nothing
    SINGLE = "single"  # nothing; one account, while somebody logs in


class BatchProblem(StrEnum):
    """Why something cannot be done with a batch."""

    NOT_THERE = "not_there"
    STATE = "state"
    SAME_FILE = "same_file"  # this very file was brought before, by the batch that is named
    FILE_CHANGED = "file_changed"  # it is not the file that was uploaded
    COLUMNS_CHANGED = "columns_changed"  # the system's columns were agreed anew since the dry run
    RULES_CHANGED = "rules_changed"  # likewise its rules
    OVERTAKEN = "overtaken"  # a later batch of the system was applied since
    OWN_BATCH = "own_batch"  # whoever brought it does not approve it
    NOT_ALLOWED = "not_allowed"  # they have no such role in the system's department
    SYSTEM_ENDED = "system_ended"
    COLUMNS_MISSING = "columns_missing"  # nothing is agreed on yet


class BatchRefused(IdpError):
    """Why it was not done; `other` is the batch that stands in the way, where one does."""

    def __init__(self, problem: BatchProblem, other: int | None = None) -> None:
        super().__init__(problem.value if other is None else f"{problem.value}: batch {other}")
        self.problem = problem
        self.other = other


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as it stands; `counters` and `position` hold numbers and words of ours."""

    number: int
    system_number: int
    kind: BatchKind
    state: BatchState
    is_paused: bool
    file: str | None
    file_digest: str | None
    file_size: int
    layout: Mapping[str, Any] | None = field(repr=False)
    columns: Mapping[str, Any] | None = field(repr=False)
    rules_version: int
    position: Mapping[str, Any]
    counters: Mapping[str, Any]
    reason: str | None
    created_by: str | None
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    finished_at: datetime | None
    undo_asked_by: str | None = None

    @property
    def is_moving(self) -> bool:
        """Tell whether a worker is at it, or will be soon."""
        return self.state in (*WORK, BatchState.UNDOING) and not self.is_paused


def create_batch(
    session: Session,
    *,
    system_number: int,
    kind: BatchKind,
    upload: Upload,
    by: str,
    at: datetime,
) -> int:
    """Take a file in as a new batch and return its number.

    Raises BatchRefused where it was brought before, or the system has ended.
    """
    system = session.scalars(sa.select(LegacySystem).where(LegacySystem.number == system_number)).one()
    if system.state != SystemState.ACTIVE:
        raise BatchRefused(BatchProblem.SYSTEM_ENDED)
    earlier = session.scalar(
        sa.select(sa.func.max(ImportBatch.number)).where(
            ImportBatch.system_number == system_number,
            ImportBatch.file_digest.in_(upload.digests),
            ImportBatch.state.not_in(_ENDED),
        )
    )
    if earlier is not None:
        raise BatchRefused(BatchProblem.SAME_FILE, earlier)
    batch = ImportBatch(
        system_number=system_number,
        kind=kind,
        state=BatchState.UPLOADED,
        file=upload.name,
        file_digest=upload.digest,
        file_size=upload.size,
        layout=system.source,
        columns=system.columns,
        rules_version=system.rules_version,
        counters={},
        is_paused=False,
        created_by=by,
        created_at=at,
    )
    session.add(batch)
    session.flush()
    return batch.number


def find_batch(session: Session, number: int, *, hold: bool = False) -> BatchView:
    """Return a batch; `hold` lets nobody change it until the transaction ends. Raises BatchRefused for none."""
    statement = sa.select(ImportBatch).where(ImportBatch.number == number).execution_options(populate_existing=True)
    row = session.scalar(statement.with_for_update() if hold else statement)
    if row is None:
        raise BatchRefused(BatchProblem.NOT_THERE)
    return view(row)


def all_batches(session: Session, *, system_number: int | None = None, limit: int = 50) -> tuple[BatchView, ...]:
    """Return the latest batches of files, the newest first."""
    statement = sa.select(ImportBatch).where(ImportBatch.kind != BatchKind.SINGLE)
    if system_number is not None:
        statement = statement.where(ImportBatch.system_number == system_number)
    rows = session.scalars(statement.order_by(ImportBatch.number.desc()).limit(limit))
    return tuple(map(view, rows))


def batches_of(
    session: Session,
    system_numbers: Collection[int],
    *,
    states: Collection[BatchState] = tuple(BatchState),
    before: int | None = None,
    limit: int = 50,
) -> tuple[BatchView, ...]:
    """Return batches of files into any of these systems, the newest first; `before` goes on behind a batch."""
    statement = sa.select(ImportBatch).where(
        ImportBatch.kind != BatchKind.SINGLE,
        ImportBatch.system_number.in_(sorted(system_numbers)),
        ImportBatch.state.in_(sorted(states)),
    )
    if before is not None:
        statement = statement.where(ImportBatch.number < before)
    rows = session.scalars(statement.order_by(ImportBatch.number.desc()).limit(limit))
    return tuple(map(view, rows))


def begin(session: Session, number: int) -> None:
    """Let a worker read the file by what its system agreed on; raises BatchRefused."""
    batch = find_batch(session, number, hold=True)
    system = session.scalars(sa.select(LegacySystem).where(LegacySystem.number == batch.system_number)).one()
    if batch.state not in (BatchState.UPLOADED, BatchState.REVIEW, BatchState.STOPPED):
        raise BatchRefused(BatchProblem.STATE)
    if system.source is None or system.columns is None:
        raise BatchRefused(BatchProblem.COLUMNS_MISSING)
    _set(
        session,
        number,
        state=BatchState.STAGING,
        layout=system.source,
        columns=system.columns,
        rules_version=system.rules_version,
        position=None,
        counters={},
        reason=None,
        approved_by=None,
        approved_at=None,
    )


def pause(session: Session, number: int) -> None:
    """Let its worker stop at the next checkpoint; raises BatchRefused where none is at work."""
    if find_batch(session, number, hold=True).state not in WORK:
        raise BatchRefused(BatchProblem.STATE)
    _set(session, number, is_paused=True)


def resume(session: Session, number: int) -> None:
    """Let a worker go on; raises BatchRefused where it is not paused."""
    batch = find_batch(session, number, hold=True)
    if not batch.is_paused:
        raise BatchRefused(BatchProblem.STATE)
    _set(session, number, is_paused=False)


def accept_stop(session: Session, number: int) -> str:
    """Let a batch go on that a safeguard stopped, and return what had stopped it; raises BatchRefused."""
    batch = find_batch(session, number, hold=True)
    if batch.state is not BatchState.STOPPED or batch.reason is None or not batch.counters.get("may_go_on"):
        raise BatchRefused(BatchProblem.STATE)
    was_reading = batch.counters.get("stopped_in") == BatchState.STAGING
    state = BatchState.STAGING if was_reading else BatchState.REVIEW
    _set(session, number, state=state, counters={**batch.counters, "accepted": batch.reason}, reason=None)
    return batch.reason


def cancel(session: Session, number: int, *, at: datetime) -> None:
    """End a batch of which nothing was applied; raises BatchRefused."""
    if find_batch(session, number, hold=True).state not in _MAY_CANCEL:
        raise BatchRefused(BatchProblem.STATE)
    _set(session, number, state=BatchState.CANCELLED, is_paused=False, finished_at=at, worker=None, leased_until=None)


def approve(session: Session, number: int, *, by: str, is_same_file: bool, at: datetime) -> None:
    """Let a batch be applied by the word of a second person, whose right to it the caller has asked.

    Raises BatchRefused where the file, the columns, the rules or the system's accounts are not those of the dry run.
    """
    batch = find_batch(session, number, hold=True)
    if batch.state is not BatchState.REVIEW:
        raise BatchRefused(BatchProblem.STATE)
    if by == batch.created_by:
        raise BatchRefused(BatchProblem.OWN_BATCH)
    if not is_same_file:
        raise BatchRefused(BatchProblem.FILE_CHANGED)
    require_current(session, batch)
    _set(session, number, state=BatchState.APPROVED, approved_by=by, approved_at=at, is_paused=False)


def require_current(session: Session, batch: BatchView) -> None:
    """Raise BatchRefused where what the dry run went by is no longer what is agreed on, or was overtaken."""
    system = session.scalars(sa.select(LegacySystem).where(LegacySystem.number == batch.system_number)).one()
    if (system.source, system.columns) != (batch.layout, batch.columns):
        raise BatchRefused(BatchProblem.COLUMNS_CHANGED)
    if system.rules_version != batch.rules_version:
        raise BatchRefused(BatchProblem.RULES_CHANGED)
    later = session.scalar(
        sa.select(sa.func.min(ImportBatch.number)).where(
            ImportBatch.system_number == batch.system_number,
            ImportBatch.number > batch.number,
            ImportBatch.kind != BatchKind.SINGLE,
            ImportBatch.state.in_((BatchState.APPLYING, BatchState.DONE)),
        )
    )
    if later is not None:
        raise BatchRefused(BatchProblem.OVERTAKEN, later)


def _set(session: Session, number: int, **values: Any) -> None:
    session.execute(
        sa.update(ImportBatch)
        .where(ImportBatch.number == number)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def view(row: ImportBatch) -> BatchView:
    """Return a row as what others read of it."""
    return BatchView(
        number=row.number,
        system_number=row.system_number,
        kind=BatchKind(row.kind),
        state=BatchState(row.state),
        is_paused=row.is_paused,
        file=row.file,
        file_digest=row.file_digest,
        file_size=row.file_size or 0,
        layout=row.layout,
        columns=row.columns,
        rules_version=row.rules_version,
        position=row.position or {},
        counters=row.counters,
        reason=row.reason,
        created_by=row.created_by,
        created_at=row.created_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        finished_at=row.finished_at,
        undo_asked_by=row.undo_asked_by,
    )
