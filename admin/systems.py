"""Systems: the list, one with all that is agreed about it, and changing that."""

from flask import Response, flash, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from admin import room
from admin.batch_reads import rows_of
from admin.forms.systems import SystemForm, rules_form
from admin.problem_wording import problem_text
from admin.system_switches import comparison_of, cutover_form, vouching_form, vouching_of
from idp.core.results import Ok
from idp.linking import system_changes
from idp.linking.rules import parse_rules
from idp.linking.system_changes import NewSystem
from idp.persons.departments import all_departments
from idp.web.answers import see_other
from idp.web.context import house

_BATCHES = 5


@room.route("/systems", room.BOTH)
def systems() -> Response:
    """List the systems of the visitor's departments."""
    return room.show("systems.html", room="systems", systems=room.systems(), departments=department_names())


@room.route("/systems/<code>", room.BOTH)
def system_page(code: str) -> Response:
    """Show a system."""
    system = room.system(code)
    may_edit = room.staff().may(room.ADMIN, system.department_id)
    return room.show(
        "system.html",
        room="systems",
        system=system,
        department=department_names().get(system.department_id, ""),
        may_edit=may_edit,
        batches=rows_of((system,), most=_BATCHES),
        vouching=vouching_of(system),
        comparison=comparison_of(system),
        cutover_form=cutover_form(system) if may_edit else None,
        vouching_form=vouching_form() if may_edit else None,
    )


@room.route("/systems/new", room.ADMIN, methods=("GET", "POST"))
def new_system() -> Response:
    """Add a system to a department of the visitor's."""
    form = SystemForm()
    mine = sorted(department for role, department in room.staff().held if role in room.ADMIN)
    known = department_names()
    form.department.choices = [SelectChoice(each, known.get(each, each)) for each in mine]
    if form.validate_on_submit():
        with house().ground.database.transaction() as session:
            added = system_changes.add_system(
                session,
                NewSystem(form.code.data, form.name.data, form.department.data, **_facts(form)),
                at=house().ground.clock.now(),
                origin=room.acting(),
            )
        if isinstance(added, Ok):
            return see_other(url_for("console.system_page", code=form.code.data))
        form.refuse(problem_text(added.reason), field="name" if added.reason == "name" else "code")
    return room.show("system_form.html", room="systems", form=form, system=None)


@room.route("/systems/<code>/edit", room.ADMIN, methods=("GET", "POST"))
def edit_system(code: str) -> Response:
    """Change what is agreed about a system."""
    system = room.system(code)
    form = SystemForm(obj=system)
    del form.code, form.department
    if form.validate_on_submit():
        with house().ground.database.transaction() as session:
            system_changes.change_facts(
                session,
                system.number,
                at=house().ground.clock.now(),
                origin=room.acting(),
                name=form.name.data,
                **_facts(form),
            )
        return _back(code)
    return room.show("system_form.html", room="systems", form=form, system=system)


@room.route("/systems/<code>/rules", room.ADMIN, methods=("GET", "POST"))
def edit_rules(code: str) -> Response:
    """Change what is done in each situation."""
    system = room.system(code)
    form = rules_form(**system.rules.document())
    fields = [each for each in form if each.name != "csrf_token"]
    if form.validate_on_submit():
        rules = parse_rules({each.name: each.data for each in fields})
        if isinstance(rules, Ok):
            with house().ground.database.transaction() as session:
                system_changes.change_rules(
                    session, system.number, rules.value, at=house().ground.clock.now(), origin=room.acting()
                )
            return _back(code)
        form.refuse(problem_text(rules.reason))
    return room.show("rules.html", room="systems", form=form, fields=fields, system=system)


def department_names() -> dict[str, str]:
    """Return the names of departments by their ids."""
    with house().ground.database.read() as session:
        return {each.id: each.name for each in all_departments(session)}


def _facts(form: SystemForm) -> dict[str, bool]:
    return {
        "is_real_name_verified": form.is_real_name_verified.data,
        "holds_organisations": form.holds_organisations.data,
        "pays_out": form.pays_out.data,
    }


def _back(code: str) -> Response:
    flash(gettext("Saved."), "success")
    return see_other(url_for("console.system_page", code=code))
