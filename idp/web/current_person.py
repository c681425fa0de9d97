"""Who is logged in on our own pages: Flask-Login over the SSO session, without a second cookie."""

from dataclasses import dataclass

from flask import Flask, Request, g
from flask_login import LoginManager, UserMixin, current_user

from idp.sessions.service import LiveSession
from idp.web import login_flow
from idp.web.context import house, session_handle
from idp.web.page_models import PersonShown
from realname.documents.masking import mask_name


@dataclass(frozen=True, slots=True)
class LoggedIn(UserMixin):
    """The person of a live session."""

    session: LiveSession
    masked_name: str

    def get_id(self) -> str:
        """Return the person's id, as Flask-Login asks for it."""
        return self.session.person_id


def init_current_person(app: Flask) -> None:
    """Install Flask-Login and give the templates the person's masked name."""
    manager = LoginManager()
    # The SSO session is the only memory: Flask-Login must not keep one of its own.
    manager.session_protection = None
    manager.init_app(app, add_context_processor=False)
    manager.request_loader(_load)

    @manager.unauthorized_handler
    def _ask() -> object:
        return login_flow.start_local(_here())

    @app.context_processor
    def _shown() -> dict[str, object]:
        if g.get("without_stores") or not current_user.is_authenticated:
            return {"person": None}
        return {"person": PersonShown(current_user.masked_name)}


def _load(_request: Request) -> LoggedIn | None:
    handle = session_handle()
    if not handle:
        return None
    sessions, database = house().protocol.sessions, house().ground.database
    with database.read() as session:
        live = sessions.find(session, handle)
        if live is None:
            return None
        profile = house().people.directory.profile(session, live.person_id)
    if sessions.is_touch_due(live.last_seen_at):
        with database.transaction() as session:
            sessions.touch(session, live.id)
    return LoggedIn(live, mask_name(profile.full_name or ""))


def _here() -> str:
    from flask import request

    return request.path if request.method == "GET" else "/account"
