"""The pages of matters that two clerks decide: propose, read a card, confirm as the second, refuse."""

from flask import Response, abort, url_for

from idp.core.errors import LoginRefused
from idp.login.counter.card_standing import is_denied
from idp.login.counter.matter import Matter, MatterKind, MatterState, Named, NamedAccount
from idp.login.counter.matters import Matters, Typed
from idp.web.answers import see_other
from idp.web.context import house, origin
from idp.web.counter_room import bp, clerk, first_page, reader_choices, show
from idp.web.forms.base import EmptyForm
from idp.web.forms.matters import ConfirmForm, GuardianshipEndForm, LegacyLinkForm, MatterForm, NamedMatterForm, form_of
from idp.web.limits import limit
from idp.web.wording import refusal_text
from realname.documents.masking import mask_number

_FIELDS = {"counter_reader": "reader", "number_invalid": "number", "matter_name": "name", "matter_words": "words"}
_FIELDS |= {"matter_account": "reference"}
_FIELDS |= {"matter_guardian_number": "guardian_number", "matter_guardian_name": "guardian_name"}


@bp.get("/matters")
def matters() -> Response:
    """List what two clerks can decide."""
    return show("counter/matters.html", kinds=tuple(MatterKind))


@bp.route("/matters/new/<kind>", methods=["GET", "POST"])
@limit("login_per_minute", 60)
def new_matter(kind: str) -> Response:
    """Take what the first clerk types; the answer is the same whoever is named."""
    if kind not in tuple(MatterKind):
        abort(404)
    asked = MatterKind(kind)
    form = form_of(asked)
    form.reader.choices = reader_choices()
    if isinstance(form, LegacyLinkForm):
        form.system.choices = list(house().login.links.counter.systems())
    if form.validate_on_submit():
        try:
            begun = _matters().begin(clerk(), form.reader.data, asked, _typed(form), origin=origin())
            return see_other(url_for("counter.matter", matter_id=begun.id))
        except LoginRefused as refused:
            form.refuse(refusal_text(refused.reason), field=_FIELDS.get(str(refused.reason)))
    return show("counter/matter_new.html", form=form, kind=asked, readers=form.reader.choices)


@bp.get("/matters/<matter_id>")
def matter(matter_id: str) -> Response:
    """Show a matter as far as it is."""
    try:
        found = _matters().find(clerk(), matter_id)
    except LoginRefused as refused:
        return first_page(refused)
    return _page(found, ConfirmForm())


@bp.post("/matters/<matter_id>/card")
@limit("login_per_minute", 60)
def matter_card(matter_id: str) -> Response:
    """Ask the reader for the card that lies on it."""
    try:
        _matters().ask_for_card(clerk(), matter_id)
    except LoginRefused as refused:
        return first_page(refused)
    return see_other(url_for("counter.matter", matter_id=matter_id))


@bp.post("/matters/<matter_id>/propose")
@limit("login_per_minute", 60)
def propose(matter_id: str) -> Response:
    """Take the first clerk's statement about the card and who stands there."""
    form = ConfirmForm()
    try:
        found = _matters().find(clerk(), matter_id)
        if form.validate_on_submit():
            _matters().propose(clerk(), matter_id, origin=origin())
            return see_other(url_for("counter.matter", matter_id=matter_id))
    except LoginRefused as refused:
        return first_page(refused)
    return _page(found, form)


@bp.post("/matters/<matter_id>/decide")
@limit("login_per_minute", 60)
def decide(matter_id: str) -> Response:
    """Take the second clerk's statement, which is carried out at once."""
    form = ConfirmForm()
    try:
        found = _matters().find(clerk(), matter_id)
        if form.validate_on_submit():
            _matters().decide(clerk(), matter_id, origin=origin())
            return see_other(url_for("counter.matter", matter_id=matter_id))
    except LoginRefused as refused:
        return first_page(refused)
    return _page(found, form)


@bp.post("/matters/<matter_id>/refuse")
@limit("login_per_minute", 60)
def refuse_matter(matter_id: str) -> Response:
    """End a matter that is not decided."""
    try:
        _matters().refuse(clerk(), matter_id, origin=origin())
    except LoginRefused as refused:
        return first_page(refused)
    return see_other(url_for("counter.matter", matter_id=matter_id))


def _page(found: Matter, form: ConfirmForm) -> Response:
    is_second = found.proposed_by != clerk()
    if is_second:
        may_state = found.state is MatterState.PROPOSED
    else:
        may_state = found.state is MatterState.OPEN and found.card is not None
    return show(
        "counter/matter.html",
        form=form if may_state else None,
        matter=found,
        is_second=is_second,
        masked_number=mask_number(found.card.number) if found.card is not None else None,
        is_card_denied=found.card is not None and is_denied(found.card),
        button=EmptyForm(),
    )


def _typed(form: MatterForm) -> Typed:
    named = guardian = None
    if isinstance(form, NamedMatterForm):
        named = Named(form.number.data or "", form.name.data or "")
    if isinstance(form, GuardianshipEndForm):
        guardian = Named(form.guardian_number.data or "", form.guardian_name.data or "")
    account = None
    if isinstance(form, LegacyLinkForm):
        account = NamedAccount(form.system.data or "", form.reference.data or "")
    return Typed(form.words.data or "", named, guardian, account)


def _matters() -> Matters:
    return house().matters
