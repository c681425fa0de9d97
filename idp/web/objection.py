"""The page for whoever has the phone of an account that was taken over on the word of an older system."""

from flask import Blueprint, Response, request

from idp.web.context import house, origin
from idp.web.forms.base import EmptyForm
from idp.web.limits import limit
from idp.web.login_pages import private_page

bp = Blueprint("objection", __name__)
_MAX_LENGTH = 80


@bp.route("/account-objection", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def link() -> Response:
    """Take the objection of who got the notice; opening the link alone changes nothing: programs do that."""
    objections = house().login.links.objections
    token = request.values.get("token", "")[:_MAX_LENGTH]
    if EmptyForm().is_submitted():
        done = objections.object(token, origin=origin())
        return private_page("mobile/objection_link.html", None, done=done, system=None, token=None)
    system = objections.system_of(token)
    return private_page("mobile/objection_link.html", None, done=False, system=system, token=token)
