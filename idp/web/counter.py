"""The clerk's pages: take a visit over, read the card, compare, sign, look as the second, refuse."""

from flask import Response, flash, url_for

from idp.core.errors import LoginRefused
from idp.login.counter.desk import Desk
from idp.login.counter.seen import NAME_DOUBTS, Seen
from idp.login.counter.visit import Visit, VisitState
from idp.web import counter_cases, counter_matters
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.counter_room import bp, clerk, first_page, reader_choices, show
from idp.web.forms.base import EmptyForm
from idp.web.forms.counter import NewcomerForm, SecondForm, SignForm, VisitForm
from idp.web.limits import limit
from idp.web.wording import refusal_text
from realname.documents.masking import mask_number
from realname.proofing.counter import Comparison, Doubt, doubts_of

__all__ = ["bp"]
#: Its routes lie on the same blueprint.
_ROOMS = (counter_cases, counter_matters)
_FIELDS = {"counter_code": "code", "counter_reader": "reader", "counter_name": "name", "name_invalid": "name"}
_FIELDS |= {"counter_note": "note", "mobile_invalid": "mobile", "matter_over": "code"}


@bp.route("", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def home() -> Response:
    """Ask for the code that a citizen shows, or a colleague tells, at one of the clerk's readers."""
    desk, form = _desk(), VisitForm()
    form.reader.choices = reader_choices()
    if form.validate_on_submit():
        try:
            matter = house().matters.by_code(clerk(), form.code.data)
            if matter is not None:
                return see_other(url_for("counter.matter", matter_id=matter.id))
            visit = desk.admit(clerk(), form.code.data, form.reader.data, origin=origin())
            return see_other(url_for("counter.visit", visit_id=visit.id))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field=_FIELDS.get(str(refused.reason)))
    return show("counter/home.html", form=form, readers=form.reader.choices)


@bp.post("/newcomers")
@limit("login_per_minute", 60)
def newcomer() -> Response:
    """Begin a visit of somebody who has no account."""
    desk, form = _desk(), NewcomerForm()
    form.reader.choices = reader_choices()
    if not form.validate_on_submit():
        flash(refusal_text("counter_reader"), "danger")
        return see_other(url_for("counter.home"))
    try:
        visit = desk.newcomer(clerk(), form.reader.data, origin=origin())
    except LoginRefused as refused:
        return first_page(refused)
    return see_other(url_for("counter.visit", visit_id=visit.id))


@bp.get("/visits/<visit_id>")
def visit(visit_id: str) -> Response:
    """Show a visit as far as it is."""
    try:
        found = _desk().find(clerk(), visit_id)
    except LoginRefused as refused:
        return first_page(refused)
    is_second = found.clerk != clerk()
    form = SignForm() if found.state is VisitState.READ and not is_second else None
    if found.state is VisitState.SECOND and is_second:
        form = SecondForm()
    return _page(found, form)


@bp.post("/visits/<visit_id>/card")
@limit("login_per_minute", 60)
def card(visit_id: str) -> Response:
    """Ask the reader for the card that lies on it."""
    try:
        _desk().ask_for_card(clerk(), visit_id)
    except LoginRefused as refused:
        return first_page(refused)
    return see_other(url_for("counter.visit", visit_id=visit_id))


@bp.post("/visits/<visit_id>/sign")
@limit("login_per_minute", 60)
def sign(visit_id: str) -> Response:
    """Take the first clerk's statement."""
    desk, form = _desk(), SignForm()
    try:
        found = desk.find(clerk(), visit_id)
        if form.validate_on_submit():
            seen = Seen(
                Comparison(form.comparison.data),
                form.name.data or "",
                form.note.data or "",
                form.mobile.data or "",
            )
            desk.sign(clerk(), visit_id, seen, origin=origin())
            return see_other(url_for("counter.visit", visit_id=visit_id))
    except LoginRefused as refused:
        field = _FIELDS.get(str(refused.reason))
        if field is None:
            return first_page(refused)
        form.refuse(refusal_text(refused.reason), field=field)
        return _again(visit_id, form)
    return _page(found, form)


@bp.post("/visits/<visit_id>/second")
@limit("login_per_minute", 60)
def second(visit_id: str) -> Response:
    """Take the second clerk's statement."""
    desk, form = _desk(), SecondForm()
    try:
        found = desk.find(clerk(), visit_id)
        if form.validate_on_submit():
            desk.second(clerk(), visit_id, origin=origin())
            return see_other(url_for("counter.visit", visit_id=visit_id))
    except LoginRefused as refused:
        return first_page(refused)
    return _page(found, form)


@bp.post("/visits/<visit_id>/refuse")
@limit("login_per_minute", 60)
def refuse(visit_id: str) -> Response:
    """End a visit: the person is not the card's holder, or the clerk is not sure."""
    try:
        _desk().refuse(clerk(), visit_id, origin=origin())
    except LoginRefused as refused:
        return first_page(refused)
    return see_other(url_for("counter.visit", visit_id=visit_id))


def _page(found: Visit, form: SignForm | SecondForm | None) -> Response:
    doubts: frozenset[Doubt] = frozenset(found.doubts)
    if found.state is VisitState.READ:
        doubts = doubts_of(_desk().circumstances(clerk(), found), level=Desk.ial)
    return show(
        "counter/visit.html",
        form=form,
        visit=found,
        is_second=found.clerk != clerk(),
        masked_number=mask_number(found.card.number) if found.card is not None else None,
        doubts=sorted(doubts),
        needs_name=bool(doubts & NAME_DOUBTS),
        button=EmptyForm(),
    )


def _again(visit_id: str, form: SignForm) -> Response:
    """Show the visit as it is by now: to sign may have brought a doubt up."""
    try:
        return _page(_desk().find(clerk(), visit_id), form)
    except LoginRefused as refused:
        return first_page(refused)


def _desk() -> Desk:
    return house().desk
