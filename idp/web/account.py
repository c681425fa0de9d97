"""The account centre: overview, activity, logins, services."""

from urllib.parse import urlsplit

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from clients.approvals import purposes_of
from clients.client import Client
from idp.login.account.activity import Happening
from idp.login.account.applications import Application
from idp.login.steps.counter import CounterStep
from idp.web import account_contact, account_family, account_links, account_security
from idp.web.account_room import bp, holder, live, locale, show
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.base import EmptyForm
from idp.web.locale import language_tag
from idp.web.page_models import ActivityRow, ApplicationRow, IdentityItem, Overview, RoleRow, SessionRow
from realname.release.identity_claims import PROVED_ITEMS

__all__ = ["bp"]
#: Their routes lie on the same blueprint.
_ROOMS = (account_contact, account_family, account_links, account_security)
_RECENT, _PAGE = 5, 20


@bp.get("/account")
def overview() -> Response:
    """Show who this is and what happened lately."""
    about = house().login.account.overview.about(live())
    shown = Overview(
        masked_number=about.masked_number,
        number_verified=about.number_verified,
        masked_name=about.masked_name,
        masked_mobile=about.masked_mobile,
        level=about.level,
        level_until=about.proved_until,
        can_prove=about.ial < house().login.proofing.offered_ial,
        can_visit=house().login.proofing.counter is not None and about.ial < CounterStep.ial,
        by_network_identity=about.by_network_identity,
        roles=tuple(RoleRow(each.role, each.department_name, each.granted_at) for each in about.roles),
    )
    page = house().login.account.activity.page(live().person_id, most=_RECENT)
    return show("account/overview.html", overview=shown, activity=_rows(page.happenings))


@bp.get("/account/activity")
def activity() -> Response:
    """Show what happened, page by page."""
    page = house().login.account.activity.page(live().person_id, most=_PAGE, cursor=request.args.get("before"))
    older = url_for("account.activity", before=page.older) if page.older else None
    return show("account/activity.html", activity=_rows(page.happenings), older_url=older)


@bp.get("/account/sessions")
def sessions() -> Response:
    """Show where the person is logged in."""
    names = _Names()
    rows = [
        SessionRow(
            handle=each.id,
            is_current=each.is_current,
            channel=each.channel,
            device=each.device_label or _("Unknown device"),
            place=None,
            started_at=each.started_at,
            last_seen_at=each.last_seen_at,
            applications=tuple(_used(names.of(use.client_id), use.child) for use in each.uses),
            is_staff=each.is_staff,
        )
        for each in house().login.account.sessions.all(holder())
    ]
    return show("account/sessions.html", sessions=rows, form=EmptyForm())


@bp.post("/account/sessions/<session_id>/stop")
def stop_session(session_id: str) -> Response:
    """End another login of the person; anybody else's is not found."""
    if not house().login.account.sessions.stop(holder(), session_id, origin=origin()):
        abort(404)
    flash(_("The login has been ended."), "success")
    return see_other(url_for("account.sessions"))


@bp.post("/account/sessions/stop-others")
def stop_other_sessions() -> Response:
    """End every login but this one."""
    house().login.account.sessions.stop_others(holder(), locale=locale(), origin=origin())
    flash(_("All other logins have been ended."), "success")
    return see_other(url_for("account.sessions"))


@bp.get("/account/applications")
def applications() -> Response:
    """Show what the person allowed."""
    rows = [_application(each) for each in house().login.account.applications.all(holder())]
    return show("account/applications.html", applications=rows, form=EmptyForm())


@bp.post("/account/applications/<handle>/withdraw")
def withdraw(handle: str) -> Response:
    """Take back what was allowed; anybody else's consent is not found."""
    if not house().login.account.applications.withdraw(holder(), handle, origin=origin()):
        abort(404)
    flash(_("Access has been withdrawn."), "success")
    return see_other(url_for("account.applications"))


@bp.post("/account/recovery/cancel")
def cancel_recovery() -> Response:
    """Object to a password reset that somebody waits for."""
    if house().login.account.overview.cancel_recovery(holder(), origin=origin()):
        flash(_("The reset has been cancelled."), "success")
    return see_other(url_for("account.security"))


@bp.post("/account/mobile/keep")
def keep_mobile() -> Response:
    """Object to the release of the mobile."""
    if house().login.account.overview.keep_mobile(live(), origin=origin()):
        flash(_("The number stays with your account."), "success")
    return see_other(url_for("account.security"))


def _used(name: str, child: str | None) -> str:
    return name if child is None else _("%(service)s (for %(child)s)", service=name, child=child)


class _Names:
    """The names of clients, each looked up once for a page."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def of(self, client_id: str) -> str:
        """Return the client's name in the page's language, its id where it is gone."""
        if client_id not in self._found:
            client = house().protocol.clients.find(client_id)
            self._found[client_id] = client.localized_name(language_tag()) if client else client_id
        return self._found[client_id]


def _rows(happenings: tuple[Happening, ...]) -> list[ActivityRow]:
    names = _Names()
    return [
        ActivityRow(
            kind=each.kind,
            at=each.at,
            channel=each.channel,
            client_name=names.of(each.client_id) if each.client_id else None,
            place=None,
            succeeded=each.succeeded,
            purpose=each.purpose,
            by_guardian=each.by_guardian,
        )
        for each in happenings
    ]


def _application(found: Application) -> ApplicationRow:
    client = house().protocol.clients.find(found.client_id)
    approved = client.approved_claims if client else {}
    proved = [item for item in found.items if item.name in PROVED_ITEMS]
    return ApplicationRow(
        handle=found.consent_id,
        name=client.localized_name(language_tag()) if client else found.client_id,
        owner=None,
        site=_site(client) if client else None,
        scopes=tuple(item.name for item in found.items if item.name not in PROVED_ITEMS),
        granted_at=found.granted_at,
        last_used_at=found.last_used_at,
        identity=tuple(IdentityItem(item.name, item.granted_at, purposes_of(item.name, approved)) for item in proved),
        identity_given_at=found.identity_given_at,
        child=found.child,
        by_guardian=found.by_guardian,
    )


def _site(client: Client) -> str | None:
    return urlsplit(client.client_uri or next(iter(client.redirect_uris), "")).netloc or None
