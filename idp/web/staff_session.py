"""Who acts on a page for staff: the live staff session of the browser, or the login that comes first."""

from flask import Response, request

from idp.sessions.service import LiveSession
from idp.web import login_flow
from idp.web.context import house, keep_session, origin, session_handle


def staff_or_login(home: str) -> LiveSession | Response:
    """Return the staff session, or the way to a login that comes back here; to `home` where something was posted."""
    sessions, database = house().protocol.sessions, house().ground.database
    with database.read() as session:
        live = sessions.find(session, session_handle(for_staff=True), is_staff=True)
    if live is None:
        return login_flow.start_local(request.path if request.method == "GET" else home, for_staff=True)
    if sessions.is_touch_due(live.last_seen_at):
        with database.transaction() as session:
            sessions.touch(session, live.id)
    return live


def end_staff_session() -> None:
    """End the staff session of this browser, and what was opened from it."""
    house().protocol.end_session.end(session_handle(for_staff=True), origin(), is_staff=True)
    keep_session(None, for_staff=True)
