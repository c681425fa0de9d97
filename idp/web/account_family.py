"""The account centre's page of the children for whom a person acts."""

from flask import Response, abort, flash, url_for
from flask_babel import gettext as _

from idp.core.errors import LoginRefused
from idp.login.account.family import ActedFor, TypedChild
from idp.web.account_room import bp, live, show
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.forms.family import ChildForm
from idp.web.limits import limit
from idp.web.page_models import ChildRow
from idp.web.wording import refusal_text


@bp.route("/account/family", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def family() -> Response:
    """Show the children, and add one whom the register knows as theirs."""
    members, form = house().login.life_events.family, ChildForm()
    typed = TypedChild(form.number.data or "", form.name.data or "")
    if form.passes(lambda: members.check(typed)):
        try:
            members.add(live(), typed, origin=origin())
            flash(_("The child has been added."), "success")
            return see_other(url_for("account.family"))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason))
    found = members.of(live())
    rows = tuple(_row(each) for each in found.children)
    may_add = found.problem is None and not found.by_counter
    return show(
        "account/family.html",
        form=form,
        children=rows,
        may_add=may_add,
        problem=found.problem,
        can_prove=house().login.proofing.offered_ial > 1,
    )


@bp.post("/account/family/<handle>/end")
def end_guardianship(handle: str) -> Response:
    """Give the guardianship up; anybody else's is not found."""
    if not house().login.life_events.family.give_up(live(), handle, origin=origin()):
        abort(404)
    flash(_("You do not act for this child any more."), "success")
    return see_other(url_for("account.family"))


def _row(child: ActedFor) -> ChildRow:
    return ChildRow(
        handle=child.handle,
        name=child.masked_name,
        number=child.masked_number,
        account_until=child.account_until,
        guardian_until=child.guardian_until,
        since=child.since,
    )
