"""What is done with an import beside its columns: approve, pause, go on, accept what stopped it, cancel."""

import csv
import io
from collections.abc import Callable

from flask import Response, flash, url_for
from flask_babel import gettext

from admin import batch_reads, room
from admin.forms.batches import AcceptForm
from admin.problem_wording import problem_text
from admin.reports import file_answer
from idp.linking.batches import BatchRefused
from idp.linking.dry_run import faults as faults_of
from idp.web.answers import see_other
from idp.web.context import house


@room.route("/imports/<int:number>/approve", room.REVIEWER, methods=("POST",))
def approve_batch(number: int) -> Response:
    """Sign as the second person; a worker begins at once."""
    return _act(number, lambda: house().console.imports.approve(number, actor=room.actor()), gettext("Approved."))


@room.route("/imports/<int:number>/pause", room.BOTH, methods=("POST",))
def pause_batch(number: int) -> Response:
    """Let the worker stop at its next checkpoint."""
    return _act(number, lambda: house().console.imports.pause(number, actor=room.actor()), gettext("Paused."))


@room.route("/imports/<int:number>/resume", room.BOTH, methods=("POST",))
def resume_batch(number: int) -> Response:
    """Let a worker go on."""
    return _act(number, lambda: house().console.imports.resume(number, actor=room.actor()), gettext("It goes on."))


@room.route("/imports/<int:number>/cancel", room.BOTH, methods=("POST",))
def cancel_batch(number: int) -> Response:
    """End an import of which nothing was applied."""
    return _act(number, lambda: house().console.imports.cancel(number, actor=room.actor()), gettext("Cancelled."))


@room.route("/imports/<int:number>/accept", room.ADMIN, methods=("POST",))
def accept_stop(number: int) -> Response:
    """Let an import go on although a safeguard stopped it, with a reason."""
    form = AcceptForm()
    batch_reads.batch(number)
    if not form.validate_on_submit():
        flash(gettext("Choose why it may go on."), "danger")
        return see_other(url_for("console.batch", number=number))
    because = form.reason.data
    imports = house().console.imports
    return _act(number, lambda: imports.accept_stop(number, reason=because, actor=room.actor()), gettext("It goes on."))


@room.route("/imports/<int:number>/begin", room.ADMIN, methods=("POST",))
def begin_again(number: int) -> Response:
    """Make the dry run again by what is agreed on now."""
    return _act(number, lambda: house().console.imports.begin(number, actor=room.actor()), gettext("Begun again."))


@room.route("/imports/<int:number>/faults.csv", room.BOTH)
def faults(number: int) -> Response:
    """Hand out the rows that cannot be taken: their numbers and why, never what they hold."""
    batch_reads.batch(number)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "fault"])
    for row, fault in faults_of(house().ground.database, number):
        writer.writerow([row, fault])
    return file_answer(text.getvalue(), f"import-{number}-faults.csv")


def _act(number: int, act: Callable[[], None], done: str) -> Response:
    """Do something with an import of the visitor's departments, and say what came of it."""
    batch_reads.batch(number)
    try:
        act()
        flash(done, "success")
    except BatchRefused as refused:
        flash(problem_text(refused.problem), "danger")
    return see_other(url_for("console.batch", number=number))
