"""Imports: the list, and one with its state."""

from flask import Response, request

from admin import room
from admin.batch_reads import rows_of

_PAGE = 30


@room.route("/imports", room.BOTH)
def batches() -> Response:
    """List the imports into the visitor's systems, the newest first."""
    before = request.args.get("before", type=int)
    rows = rows_of(room.systems(), before=before, most=_PAGE + 1)
    older = rows[_PAGE - 1].number if len(rows) > _PAGE else None
    return room.show("batches.html", room="batches", batches=rows[:_PAGE], older=older)
