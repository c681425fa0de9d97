"""Links: find them by an account or a person, read their history, take one back.

References and numbers are posted, so that none stands in an address. A search for a person is audited whatever it
finds; the page that follows shows the systems of the visitor's departments only.
"""

from typing import Any

from flask import Response, abort, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from admin import names, room
from admin.forms.links import UNDO_REASONS, AccountSearchForm, PersonSearchForm, UndoLinkForm
from admin.masked_rows import masked_fields
from admin.page_models import HistoryRow, LinkRow
from admin.problem_wording import problem_text
from idp.audit.events import Event
from idp.audit.log import record
from idp.core.clock import civil_date
from idp.core.results import Ok
from idp.linking import histories
from idp.linking import links as link_life
from idp.linking.journal import EventKind
from idp.linking.links import TRANSITIONS, LinkView
from idp.linking.systems import SystemView
from idp.linking.taking_in import account_of
from idp.linking.vocabulary import LinkState
from idp.web.answers import see_other
from idp.web.context import house
from realname.documents.masking import mask_number
from realname.documents.parse import parse_number

_UNDOABLE = TRANSITIONS[EventKind.LINK_UNDONE][0]


@room.route("/links", room.BOTH)
def links() -> Response:
    """Ask for an account or a person."""
    return _search(_account_form(), PersonSearchForm())


@room.route("/links/accounts", room.BOTH, methods=("POST",))
def find_account() -> Response:
    """Look an account up by its reference."""
    form = _account_form()
    if form.validate_on_submit():
        system = room.system(form.system.data)
        with house().ground.database.read() as session:
            found = account_of(session, house().ground.keyring, system.number, form.reference.data)
        if found is not None:
            return see_other(url_for("console.account", code=system.code, account_id=found))
        form.refuse(gettext("The system has no account of this reference here."), field="reference")
    return _search(form, PersonSearchForm(formdata=None))


@room.route("/links/persons", room.BOTH, methods=("POST",))
def find_person() -> Response:
    """Look a person up by their number; who has no link in the visitor's departments is not found."""
    form = PersonSearchForm()
    if form.validate_on_submit():
        clock, database = house().ground.clock, house().ground.database
        parsed = parse_number(form.number.data, today=civil_date(clock.now()))
        with database.transaction() as session:
            person_id = None
            if isinstance(parsed, Ok):
                (person_id,) = house().people.holders.current(session, [parsed.value])
            seen = bool(person_id and _of_person(session, person_id))
            record(
                session,
                Event.LEGACY_PERSON_SEARCHED,
                at=clock.now(),
                person_id=person_id if seen else None,
                origin=room.acting(),
            )
        if seen:
            return see_other(url_for("console.person", person_id=person_id))
        form.refuse(gettext("Nobody with this number has a link to a system of your departments."), field="number")
    return _search(_account_form(formdata=None), form)


@room.route("/systems/<code>/accounts/<int:account_id>", room.BOTH)
def account(code: str, account_id: int) -> Response:
    """Show an account, masked, with its links and its history."""
    system = room.system(code)
    with house().ground.database.read() as session:
        found = house().login.links.accounts.find(session, system.number, account_id)
        if found is None:
            abort(404)
        all_states = tuple(LinkState)
        rows = link_life.of_account(session, account_id, states=all_states)
        shown = tuple(_row(each, names.masked(session, each.person_id), _person_address(each)) for each in rows)
        events = histories.of_account(session, account_id)
        actors = names.colleagues(session, (each.actor_person for each in events))
    history = tuple(
        HistoryRow(each.kind, each.at, actors.get(each.actor_person or ""), each.batch_number, each.reason)
        for each in events
    )
    return room.show(
        "account.html",
        room="links",
        system=system,
        account=found,
        fields=masked_fields(found.row),
        links=shown,
        events=history,
    )


@room.route("/links/persons/<person_id>", room.BOTH)
def person(person_id: str) -> Response:
    """Show the links of a person to systems of the visitor's departments; without any they are not there."""
    with house().ground.database.read() as session:
        found = _of_person(session, person_id)
        if not found:
            abort(404)
        number = house().people.directory.proved_number(session, person_id)
        masked_name = names.masked(session, person_id)
    rows = tuple(
        _row(link, system.name, url_for("console.account", code=system.code, account_id=link.account_id))
        for link, system in found
    )
    return room.show(
        "person.html",
        room="links",
        masked_name=masked_name,
        masked_number=mask_number(number.canonical) if number else "",
        links=rows,
    )


@room.route("/links/<int:link_id>/undo", room.ADMIN, methods=("GET", "POST"))
def undo_link(link_id: int) -> Response:
    """Take one link back, with a reason."""
    link, system = _link(link_id)
    form = UndoLinkForm()
    form.reason.choices = [SelectChoice(each, problem_text(each)) for each in UNDO_REASONS]
    back = url_for("console.account", code=system.code, account_id=link.account_id)
    if form.validate_on_submit():
        with house().ground.database.transaction() as session:
            undone = link_life.undo(session, link_id, change=room.change(form.reason.data))
            if isinstance(undone, Ok):
                record(
                    session,
                    Event.LEGACY_LINK_UNDONE,
                    at=house().ground.clock.now(),
                    person_id=link.person_id,
                    origin=room.acting(),
                    details={"link": link_id, "system": system.number},
                    reason=form.reason.data,
                )
        room.tell(undone, gettext("Taken back."))
        return see_other(back)
    return room.show("link_undo.html", room="links", form=form, link=link, system=system, back=back)


def _search(form: AccountSearchForm, person_form: PersonSearchForm) -> Response:
    refused = person_form if person_form.is_submitted() and person_form.errors else form
    return room.show("links.html", room="links", form=refused, account_form=form, person_form=person_form)


def _account_form(**more: Any) -> AccountSearchForm:
    form = AccountSearchForm(**more)
    form.system.choices = [SelectChoice(each.code, each.name) for each in room.systems()]
    return form


def _of_person(session: Session, person_id: str) -> tuple[tuple[LinkView, SystemView], ...]:
    """Return all links of a person to systems that the visitor sees, each with its system."""
    seen = {each.number: each for each in room.systems()}
    found = link_life.of_person(session, person_id, states=tuple(LinkState))
    return tuple((each, seen[each.system_number]) for each in found if each.system_number in seen)


def _link(link_id: int) -> tuple[LinkView, SystemView]:
    """Return a link to a system that the visitor sees, with the system; anything else is not there (404)."""
    with house().ground.database.read() as session:
        found = link_life.find(session, link_id)
    if found is None:
        abort(404)
    return found, room.system_numbered(found.system_number)


def _row(link: LinkView, name: str, address: str | None) -> LinkRow:
    return LinkRow(
        id=link.id,
        name=name,
        address=address,
        state=link.state,
        situation=link.situation,
        proof=link.proof,
        batch_number=link.batch_number,
        since=link.activated_at or link.proposed_at,
        may_undo=link.state in _UNDOABLE and room.staff().has(room.ADMIN),
    )


def _person_address(link: LinkView) -> str:
    return url_for("console.person", person_id=link.person_id)
