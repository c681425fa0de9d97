"""Imports as the console reads them: those into systems of the visitor's departments, with what they may do next."""

from collections.abc import Iterable

from flask import abort
from flask_babel import gettext

from admin import room
from admin.page_models import BatchRow
from idp.linking.batches import BatchRefused, BatchView, batches_of, find_batch
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState
from idp.web.context import house

#: In these, somebody has something to do.
WAITING = (BatchState.UPLOADED, BatchState.REVIEW)


def rows_of(systems: Iterable[SystemView], *, before: int | None = None, most: int = 50) -> tuple[BatchRow, ...]:
    """Return imports into these systems as lists show them, the newest first."""
    called = {each.number: each.name for each in systems}
    with house().ground.database.read() as session:
        found = batches_of(session, called, before=before, limit=most)
    return tuple(
        BatchRow(
            number=each.number,
            system_name=called[each.system_number],
            kind=each.kind,
            state=each.state,
            is_paused=each.is_paused,
            rows=each.counters.get("rows"),
            created_at=each.created_at,
        )
        for each in found
    )


def batch(number: int) -> tuple[BatchView, SystemView]:
    """Return an import into a system that the visitor sees, with the system; anything else is not there (404)."""
    try:
        with house().ground.database.read() as session:
            found = find_batch(session, number)
    except BatchRefused:
        abort(404)
    return found, room.system_numbered(found.system_number)


def waiting(systems: Iterable[SystemView], staff: room.Staff) -> tuple[BatchView, ...]:
    """Return imports that the visitor can bring on: columns to agree as an administrator, another's to approve."""
    departments = {each.number: each.department_id for each in systems}
    with house().ground.database.read() as session:
        found = batches_of(session, departments, states=WAITING)

    def is_theirs(each: BatchView) -> bool:
        department = departments[each.system_number]
        if each.state is BatchState.UPLOADED:
            return staff.may(room.ADMIN, department)
        return each.created_by != staff.person_id and staff.may(room.REVIEWER, department)

    return tuple(each for each in found if is_theirs(each))


def wait_text(batch: BatchView) -> str:
    """Return what an import waits for."""
    if batch.state is BatchState.UPLOADED:
        return gettext("The columns of its file are to be agreed.")
    return gettext("A colleague brought it; its dry run can be read and signed.")
