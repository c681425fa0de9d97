"""Imports: the list, and one with its state, its report, and what may be done next."""

from flask import Response, request

from admin import batch_reads, names, room
from admin.batch_reads import rows_of
from admin.batch_undo import undo_of
from admin.page_models import BatchMay, BatchShown, Progress
from idp.linking.batch_views import BatchView
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState
from idp.web.context import house

_PAGE = 30
_APPLIED = frozenset({BatchState.APPLYING, BatchState.DONE, BatchState.UNDOING, BatchState.UNDONE})


@room.route("/imports", room.BOTH)
def batches() -> Response:
    """List the imports into the visitor's systems, the newest first."""
    before = request.args.get("before", type=int)
    rows = rows_of(room.systems(), before=before, most=_PAGE + 1)
    older = rows[_PAGE - 1].number if len(rows) > _PAGE else None
    return room.show("batches.html", room="batches", batches=rows[:_PAGE], older=older)


@room.route("/imports/<int:number>", room.BOTH)
def batch(number: int) -> Response:
    """Show an import."""
    return page(*batch_reads.batch(number))


def page(found: BatchView, system: SystemView) -> Response:
    """Return the page of an import."""
    return room.show(
        "batch.html",
        room="batches",
        batch=_shown(found, system),
        may=BatchMay(),
        is_creator=found.created_by == room.staff().person_id,
        undo=undo_of(found, system),
    )


def _shown(found: BatchView, system: SystemView) -> BatchShown:
    with house().ground.database.read() as session:
        called = names.colleagues(session, (found.created_by, found.approved_by))
    return BatchShown(
        number=found.number,
        system_code=system.code,
        system_name=system.name,
        kind=found.kind,
        state=found.state,
        is_paused=found.is_paused,
        is_moving=found.is_moving,
        is_applied=found.state in _APPLIED,
        reason=found.reason,
        created_at=found.created_at,
        created_by=called.get(found.created_by or ""),
        approved_at=found.approved_at,
        approved_by=called.get(found.approved_by or ""),
        finished_at=found.finished_at,
        file_digest=found.file_digest,
        progress=Progress(0) if found.is_moving else None,
    )
