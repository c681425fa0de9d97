"""The console's first page: what waits for the visitor, and the numbers of their systems."""

from flask import Response, url_for
from flask_babel import gettext

from admin import batch_reads, case_reads, room
from admin.page_models import SystemRow, Waiting
from admin.wording import case_kind_text
from idp.linking import statistics
from idp.linking.systems import SystemView
from idp.web.context import house

_MOST_WAITING = 10


@room.route("", room.BOTH)
def start() -> Response:
    """Show what waits, and each system with its latest numbers."""
    systems = room.systems()
    rows = latest_rows(systems)
    counted = [row.numbers.counted_at for row in rows if row.numbers is not None]
    waiting = (*_imports(systems), *_cases())
    return room.show(
        "start.html",
        room="start",
        waiting=sorted(waiting, key=lambda each: each.since)[:_MOST_WAITING],
        rows=rows,
        counted_at=max(counted, default=None),
    )


def latest_rows(systems: tuple[SystemView, ...]) -> tuple[SystemRow, ...]:
    """Return systems with their latest numbers."""
    with house().ground.database.read() as session:
        found = statistics.latest(session, [each.number for each in systems])
    return tuple(SystemRow(each, found.get(each.number)) for each in systems)


def _imports(systems: tuple[SystemView, ...]) -> tuple[Waiting, ...]:
    """Imports that the visitor may go on with: columns to agree for their administrators, signatures for others."""
    return tuple(
        Waiting(
            text=gettext("Import %(number)d", number=each.number),
            why=batch_reads.wait_text(each),
            address=url_for("console.batch", number=each.number),
            since=each.created_at,
        )
        for each in batch_reads.waiting(systems, room.staff())
    )


def _cases() -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            text=case_kind_text(each.kind),
            why=each.system_name or gettext("Persons"),
            address=url_for("console.case", case_id=each.id),
            since=each.opened_at,
        )
        for each in case_reads.mine()
    )
