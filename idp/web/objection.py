"""The page for whoever has the phone of an account that was taken over on the word of an older system."""

from flask import Blueprint, Response

from idp.web.context import house, origin
from idp.web.forms.links import ObjectionForm
from idp.web.limits import limit
from idp.web.link_wording import link_problem_text
from idp.web.login_pages import private_page

bp = Blueprint("objection", __name__)


@bp.route("/account-objection", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def link() -> Response:
    """Take the code of the notice, without a login: who got it need not be known here."""
    form, done = ObjectionForm(), False
    if form.validate_on_submit():
        done = house().login.links.objections.object(form.code.data or "", origin=origin())
        if not done:
            form.refuse(link_problem_text("objection"), field="code")
    return private_page("mobile/objection_link.html", None, None if done else form, done=done)
