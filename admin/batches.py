"""Imports: the list, and one with its state, its report, and what may be done next."""

from flask import Response, flash, request
from wtforms.fields.choices import SelectChoice

from admin import batch_columns, batch_reads, names, room
from admin.batch_reads import rows_of
from admin.batch_report import report_of
from admin.batch_undo import undo_of
from admin.forms.batches import ACCEPT_REASONS, AcceptForm
from admin.page_models import BatchMay, BatchShown, Progress
from admin.problem_wording import problem_text
from connectors.legacy.refusal import SourceRefused
from idp.linking import dry_run
from idp.linking.batches import WORK, BatchView
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState
from idp.web.context import house

_PAGE = 30
_APPLIED = frozenset({BatchState.APPLYING, BatchState.DONE, BatchState.UNDOING, BatchState.UNDONE})
_CANCELLABLE = frozenset(
    {BatchState.UPLOADED, BatchState.STAGING, BatchState.MATCHING, BatchState.REVIEW, BatchState.STOPPED}
)
#: From these the dry run can be made again by what is agreed on now.
_AGAIN = frozenset({BatchState.REVIEW, BatchState.STOPPED})


@room.route("/imports", room.BOTH)
def batches() -> Response:
    """List the imports into the visitor's systems, the newest first."""
    before = request.args.get("before", type=int)
    rows = rows_of(room.systems(), before=before, most=_PAGE + 1)
    older = rows[_PAGE - 1].number if len(rows) > _PAGE else None
    return room.show("batches.html", room="batches", batches=rows[:_PAGE], older=older)


@room.route("/imports/<int:number>", room.BOTH)
def batch(number: int) -> Response:
    """Show an import; samples, which take a while of a large file, are shown on request."""
    found, system = batch_reads.batch(number)
    may = _may(found, system)
    is_admin = room.staff().may(room.ADMIN, system.department_id)
    with_columns = is_admin and found.state is BatchState.UPLOADED
    return room.show(
        "batch.html",
        room="batches",
        batch=_shown(found, system),
        may=may,
        is_creator=found.created_by == room.staff().person_id,
        report=report_of(found, system, with_samples="samples" in request.args),
        samples_offered=found.state is BatchState.REVIEW and "samples" not in request.args,
        undo=undo_of(found, system),
        accept_form=accept_form() if is_admin and found.counters.get("may_go_on") and may.accept else None,
        **(_columns(found, system) if with_columns else {}),
    )


def accept_form() -> AcceptForm:
    """Return the form by which a stop is accepted."""
    form = AcceptForm(formdata=None)
    form.reason.choices = [SelectChoice(each, problem_text(each)) for each in ACCEPT_REASONS]
    return form


def _columns(found: BatchView, system: SystemView) -> dict[str, object]:
    try:
        looked = batch_columns.look_at(found, system)
    except SourceRefused as refused:
        flash(problem_text(refused.reason), "danger")
        return {}
    except OSError:
        flash(problem_text("file_missing"), "danger")
        return {}
    form = batch_columns.form_of(looked)
    return {"map_form": form, "map_rows": batch_columns.rows_of(form, looked), "sniff": batch_columns.shown(looked)}


def _may(found: BatchView, system: SystemView) -> BatchMay:
    staff, department = room.staff(), system.department_id
    is_admin = staff.may(room.ADMIN, department)
    return BatchMay(
        pause=found.state in WORK and not found.is_paused,
        resume=found.is_paused,
        cancel=found.state in _CANCELLABLE,
        approve=found.state is BatchState.REVIEW
        and staff.may(room.REVIEWER, department)
        and found.created_by != staff.person_id,
        again=found.state in _AGAIN and is_admin and system.columns is not None,
        accept=found.state is BatchState.STOPPED and is_admin,
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
        progress=_progress(found) if found.is_moving else None,
    )


def _progress(found: BatchView) -> Progress:
    now, counters = house().ground.clock.now(), found.counters
    at = dry_run.progress(found, at=now)
    done = int(counters.get("applied" if found.state is BatchState.APPLYING else "rows", 0))
    took = now.timestamp() - counters["began"] if "began" in counters else 0
    return Progress(
        rows_done=done,
        rows_per_second=done / took if took > 0 else None,
        seconds_left=None if at is None else at.seconds_left,
        share=None if at is None else at.share,
    )
