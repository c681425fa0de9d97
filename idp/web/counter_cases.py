"""The pages of what waits at a counter: the list of open matters and cases, a case, and its end."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.counter.cases import SeenCase
from idp.login.counter.open_work import KINDS
from idp.login.refusal import Refusal
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.counter_room import bp, clerk, show
from idp.web.forms.cases import ReviewForm
from idp.web.limits import limit
from idp.web.locale import language_tag
from idp.web.wording import refusal_text
from realname.proofing.cases import Finding

_PAGE = 20


@bp.get("/open")
@limit("login_per_minute", 60)
def open_work() -> Response:
    """List what waits for the clerk, the oldest first."""
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        abort(404)
    try:
        page = house().open_work.page(clerk(), most=_PAGE, kind=kind, cursor=request.args.get("after"))
    except LoginRefused as refused:
        return _list_again(refused)
    later = url_for("counter.open_work", kind=kind, after=page.later) if page.later else None
    now = house().ground.clock.now()
    return show("counter/open.html", lines=page.lines, now=now, kind=kind, kinds=KINDS, later_url=later)


@bp.get("/cases/<case_id>")
@limit("login_per_minute", 60)
def case(case_id: str) -> Response:
    """Show what happened, and what the person who lost the number obtained by it."""
    try:
        seen = house().cases.look(clerk(), case_id, origin=origin())
    except LoginRefused as refused:
        return _list_again(refused)
    return _page(seen, ReviewForm.with_findings() if seen.may_close else None)


@bp.post("/cases/<case_id>/close")
@limit("login_per_minute", 60)
def close_case(case_id: str) -> Response:
    """Take what the review found."""
    form = ReviewForm.with_findings()
    try:
        if form.validate_on_submit():
            house().cases.close(clerk(), case_id, Finding(form.finding.data), origin=origin())
            flash(_("The case is closed. Both persons were told."), "success")
            return see_other(url_for("counter.case", case_id=case_id))
        seen = house().cases.look(clerk(), case_id, origin=origin())
    except LoginRefused as refused:
        return _list_again(refused)
    return _page(seen, form if seen.may_close else None)


def _page(seen: SeenCase, form: ReviewForm | None) -> Response:
    clients = {each.client_id: house().protocol.clients.find(each.client_id) for each in seen.obtained.clients}
    names = {
        client_id: found.localized_name(language_tag()) if found is not None else client_id
        for client_id, found in clients.items()
    }
    return show("counter/case.html", form=form, case=seen, client_names=names)


def _list_again(refused: LoginRefused) -> Response:
    """Go back to the list with the reason; who is no clerk anywhere, to the first page."""
    flash(refusal_text(refused.reason), "warning" if refused.reason is Refusal.CASE_OVER else "danger")
    place = "counter.home" if refused.reason is Refusal.COUNTER_READER else "counter.open_work"
    return see_other(url_for(place))
