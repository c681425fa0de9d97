"""What all pages of the console share: who may open which page, in which departments, and how a page is shown.

A page is joined by `route`, with the roles that it is for; one that was joined any other way opens for nobody. What
a page is about is looked up by `system` or the like, which find only what lies in a department in which the visitor
holds one of those very roles. Whatever else there is answers as if it were not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, g, make_response, render_template, request, url_for

from admin.wording import problem_text
from idp.audit.log import Origin
from idp.core.results import Refused
from idp.linking.imports import Actor
from idp.linking.journal import Change
from idp.linking.systems import SystemView, all_systems, system_by_code
from idp.persons.roles import Role, roles_of
from idp.web.answers import see_other
from idp.web.context import house, request_id
from idp.web.limits import limit
from idp.web.staff_session import end_staff_session, staff_or_login

bp = Blueprint("console", __name__, url_prefix="/console", template_folder=str(Path(__file__).parent / "templates"))

#: Those who prepare and decide, and those who sign beside them; the second signature is never the first one's.
ADMIN, REVIEWER = frozenset({Role.MERGE_ADMIN}), frozenset({Role.MERGE_REVIEWER})
BOTH = ADMIN | REVIEWER
#: Which roles each page is for.
ACCESS: dict[str, frozenset[Role]] = {}

View = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is at the console, and in which departments they hold which role."""

    person_id: str
    held: frozenset[tuple[Role, str]]

    def may(self, roles: frozenset[Role], department_id: str) -> bool:
        """Tell whether they hold one of these roles in the department."""
        return any((role, department_id) in self.held for role in roles)

    def has(self, roles: frozenset[Role]) -> bool:
        """Tell whether they hold one of these roles anywhere."""
        return any(role in roles for role, _ in self.held)


def route(rule: str, roles: frozenset[Role], *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Serve a view at `rule` to who holds one of `roles`, and limit how often one address may post to it."""

    def join(view: View) -> View:
        name = view.__name__
        bp.add_url_rule(rule, name, limit("console_per_minute", 60)(view), methods=list(methods))
        ACCESS[f"{bp.name}.{name}"] = roles
        return view

    return join


@bp.before_request
def _only_staff() -> Response | None:
    """Let in who holds one of the page's roles somewhere; for the whole blueprint, so that no page forgets."""
    live = staff_or_login("/console")
    if isinstance(live, Response):
        if request.method == "POST":  # of an upload nobody has asked for the token yet
            current_app.extensions["csrf"].protect()
        return live
    with house().ground.database.read() as session:
        held = roles_of(session, live.person_id)
    staff = Staff(live.person_id, frozenset((each.role, each.department_id) for each in held if each.role in BOTH))
    if not staff.has(ACCESS.get(request.endpoint or "", frozenset())):
        abort(403)
    g.staff = staff
    return None


@route("/leave", BOTH, methods=("POST",))
def leave() -> Response:
    """End the staff session of this browser, and what was opened from it."""
    end_staff_session()
    return see_other(url_for("logout.done"))


def staff() -> Staff:
    """Return who acts."""
    found: Staff = g.staff
    return found


def roles_here() -> frozenset[Role]:
    """Return the roles that the page at hand is for."""
    return ACCESS[request.endpoint or ""]


def systems() -> tuple[SystemView, ...]:
    """Return the systems of the departments in which the visitor holds one of the page's roles."""
    with house().ground.database.read() as session:
        return tuple(each for each in all_systems(session) if staff().may(roles_here(), each.department_id))


def system(code: str) -> SystemView:
    """Return one of them; anything else is not there (404)."""
    with house().ground.database.read() as session:
        found = system_by_code(session, code)
    if found is None or not staff().may(roles_here(), found.department_id):
        abort(404)
    return found


def system_numbered(number: int | None) -> SystemView:
    """Return one of them by its number; anything else is not there (404)."""
    found = next((each for each in systems() if each.number == number), None)
    if found is None:
        abort(404)
    return found


def acting() -> Origin:
    """Return where the request came from, with who acts, for the audit."""
    return Origin(request_id=request_id(), channel="console", actor_person=staff().person_id)


def actor() -> Actor:
    """Return who acts, for imports, which ask their roles once more."""
    return Actor(staff().person_id, acting())


def change(reason: str | None = None) -> Change:
    """Return who changes something now, for the journal."""
    return Change(at=house().ground.clock.now(), actor_person=staff().person_id, reason=reason)


def tell(outcome: object, done: object) -> None:
    """Say on the next page what came of something: `done`, or why it was refused."""
    if isinstance(outcome, Refused):
        flash(problem_text(outcome.reason), "danger")
    else:
        flash(str(done), "success")


def show(template: str, *, room: str, form: Any = None, **context: Any) -> Response:
    """Return a page of the console; a form that was refused is 422."""
    is_refused = form is not None and form.is_submitted() and bool(form.errors)
    page = render_template(
        f"console/{template}",
        form=form,
        room=room,
        is_admin=staff().has(ADMIN),
        is_reviewer=staff().has(REVIEWER),
        **context,
    )
    response = make_response(page, 422 if is_refused else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
