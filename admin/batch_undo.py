"""Taking an import back: what goes, what stays and why, who asks and who agrees."""

from flask import Response, url_for
from flask_babel import gettext

from admin import batch_reads, names, room
from admin.page_models import UndoShown
from admin.wording import link_state_text
from idp.core.results import Ok
from idp.linking import undoing
from idp.linking.batch_links import links_of_batch
from idp.linking.batches import BatchView
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState, LinkState
from idp.web.answers import see_other
from idp.web.context import house

_APPLIED = frozenset({BatchState.DONE, BatchState.STOPPED, BatchState.CANCELLED})
_TAKEN_BACK = frozenset({BatchState.UNDOING, BatchState.UNDONE})


@room.route("/imports/<int:number>/undo", room.ADMIN, methods=("POST",))
def ask_undo(number: int) -> Response:
    """Ask for an import to be taken back; a small one begins at once."""
    batch_reads.batch(number)
    with house().ground.database.transaction() as session:
        by = room.staff().person_id
        asked = undoing.ask(session, number, by=by, change=room.change(), origin=room.acting())
    done = gettext("It is being taken back.")
    if isinstance(asked, Ok) and asked.value.needs_second:
        done = gettext("Asked for. Somebody else has to agree before anything is taken back.")
    room.tell(asked, done)
    return see_other(url_for("console.batch", number=number))


@room.route("/imports/<int:number>/undo/approve", room.REVIEWER, methods=("POST",))
def approve_undo(number: int) -> Response:
    """Agree, as somebody else than who asked."""
    batch_reads.batch(number)
    with house().ground.database.transaction() as session:
        by = room.staff().person_id
        agreed = undoing.approve(session, number, by=by, change=room.change(), origin=room.acting())
    room.tell(agreed, gettext("It is being taken back."))
    return see_other(url_for("console.batch", number=number))


def undo_of(batch: BatchView, system: SystemView) -> UndoShown | None:
    """Return what the page of an import says of taking it back; None where nothing was done by it yet."""
    if batch.state not in _APPLIED | _TAKEN_BACK:
        return None
    with house().ground.database.read() as session:
        links = dict(links_of_batch(session, batch.number))
        asked_by = names.colleagues(session, (batch.undo_asked_by,)).get(batch.undo_asked_by or "")
    gone = links.pop(LinkState.UNDONE, 0)
    goes = links.pop(LinkState.PROPOSED, 0)
    is_done, is_asked = batch.state in _TAKEN_BACK, batch.undo_asked_by is not None
    staff, everything = room.staff(), gone + goes + sum(links.values())
    if not everything and not is_done:
        return None
    return UndoShown(
        links=gone if is_done else goes,
        kept=tuple((link_state_text(state), count) for state, count in sorted(links.items())),
        most_alone=undoing.ALONE_UP_TO,
        needs_second=everything > undoing.ALONE_UP_TO,
        is_done=is_done,
        is_asked=is_asked,
        asked_by=asked_by,
        may_ask=not is_done and not is_asked and staff.may(room.ADMIN, system.department_id),
        may_approve=is_asked
        and not is_done
        and batch.undo_asked_by != staff.person_id
        and staff.may(room.REVIEWER, system.department_id),
    )
