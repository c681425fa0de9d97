"""What is switched for a system: who answers logins, whether its word counts, how it keeps passwords.

Its word counts only once two different people have signed: who asks is an administrator, who agrees another one or a
reviewer.
"""

from datetime import timedelta

from flask import Response, flash, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from admin import names, room
from admin.forms.systems import CutoverForm, PasswordsForm, VouchingForm
from admin.page_models import VouchingShown
from admin.wording import cutover_text
from idp.core.clock import civil_date
from idp.core.results import Ok, Refused
from idp.linking import cutover, vouching
from idp.linking.cutover import CutoverRefused, CutoverReport
from idp.linking.default_passwords import BadPattern
from idp.linking.login_systems import BadPasswordRule, login_system, set_password_rule
from idp.linking.password_rule import PasswordEncoding, PasswordRule
from idp.linking.schemes import SCHEMES
from idp.linking.systems import SystemView
from idp.linking.vocabulary import Cutover
from idp.web.answers import see_other
from idp.web.context import house

#: How far back the comparison of answers looks.
_COMPARED = timedelta(days=30)


@room.route("/systems/<code>/cutover", room.ADMIN, methods=("POST",))
def set_cutover(code: str) -> Response:
    """Say who answers logins from now on."""
    system = room.system(code)
    form = cutover_form(system)
    if form.validate_on_submit():
        to, now = Cutover(form.cutover.data), house().ground.clock.now()
        try:
            with house().ground.database.transaction() as session:
                cutover.switch(session, system.code, to, at=now, origin=room.acting())
        except CutoverRefused:
            flash(gettext("One step at a time: between the two lies that both answer."), "danger")
        else:
            flash(gettext("Switched."), "success")
    return _back(code)


@room.route("/systems/<code>/vouching/ask", room.ADMIN, methods=("POST",))
def ask_vouching(code: str) -> Response:
    """Ask that the word of a system counts."""
    system, form = room.system(code), VouchingForm()
    evidence = form.evidence.data or ""
    with house().ground.database.transaction() as session:
        asked: Ok[int] | Refused = Refused(vouching.VouchingProblem.NO_EVIDENCE)
        if form.validate_on_submit():
            now, by = house().ground.clock.now(), room.staff().person_id
            asked = vouching.ask(session, system.number, evidence, by=by, at=now, origin=room.acting())
    room.tell(asked, gettext("Asked for. Somebody else has to agree."))
    return _back(code)


@room.route("/systems/<code>/vouching/approve", room.BOTH, methods=("POST",))
def approve_vouching(code: str) -> Response:
    """Agree as the second."""
    system = room.system(code)
    with house().ground.database.transaction() as session:
        now, by = house().ground.clock.now(), room.staff().person_id
        agreed = vouching.approve(session, system.number, by=by, at=now, origin=room.acting())
    room.tell(agreed, gettext("Its word counts from now on."))
    return _back(code)


@room.route("/systems/<code>/vouching/end", room.ADMIN, methods=("POST",))
def end_vouching(code: str) -> Response:
    """Switch it off; one suffices, because nothing is opened by it."""
    system = room.system(code)
    with house().ground.database.transaction() as session:
        ended = vouching.withdraw(session, system.number, at=house().ground.clock.now(), origin=room.acting())
    room.tell(ended, gettext("Switched off."))
    return _back(code)


@room.route("/systems/<code>/passwords", room.ADMIN, methods=("GET", "POST"))
def passwords(code: str) -> Response:
    """Say how the system keeps passwords; a key is never shown again."""
    system = room.system(code)
    form = _passwords_form(system)
    if form.validate_on_submit():
        rule = PasswordRule(
            scheme=form.scheme.data,
            encoding=PasswordEncoding(form.encoding.data),
            secret=(form.secret.data or "").encode(),
        )
        patterns = [line.strip() for line in (form.patterns.data or "").splitlines() if line.strip()]
        now, keyring = house().ground.clock.now(), house().ground.keyring
        try:
            with house().ground.database.transaction() as session:
                set_password_rule(session, keyring, code, rule, patterns=patterns, at=now, origin=room.acting())
        except BadPasswordRule:
            form.refuse(gettext("A reversible scheme needs its key, and no other scheme has one."), field="secret")
        except BadPattern:
            form.refuse(gettext("One of these lines is no pattern of first passwords."), field="patterns")
        else:
            room.tell(Ok(system.number), gettext("Saved."))
            return _back(code)
    return room.show("passwords.html", room="systems", form=form, system=system)


def cutover_form(system: SystemView) -> CutoverForm:
    """Return the form with what holds now chosen."""
    form = CutoverForm(cutover=str(system.cutover))
    form.cutover.choices = [SelectChoice(str(each), cutover_text(each)) for each in Cutover]
    return form


def comparison_of(system: SystemView) -> CutoverReport:
    """Return how the answers of the older system and of our copy compared lately."""
    now = house().ground.clock.now()
    with house().ground.database.read() as session:
        return cutover.report(session, system.number, first=civil_date(now - _COMPARED), last=civil_date(now))


def vouching_form() -> VouchingForm:
    """Return the form by which it is asked for."""
    return VouchingForm()


def vouching_of(system: SystemView) -> VouchingShown:
    """Return whether the word of a system counts, and what the visitor may do about it."""
    with house().ground.database.read() as session:
        found = vouching.standing(session, system.number)
        called = names.colleagues(session, (found.asked_by, found.approved_by))
    is_own = found.asked_by == room.staff().person_id
    return VouchingShown(
        state=found.state,
        evidence=found.evidence if found.state is not vouching.Vouching.OFF else None,
        asked_by=called.get(found.asked_by or ""),
        approved_by=called.get(found.approved_by or ""),
        is_own=is_own,
        may_approve=not is_own and room.staff().may(room.BOTH, system.department_id),
    )


def _passwords_form(system: SystemView) -> PasswordsForm:
    with house().ground.database.read() as session:
        present = login_system(session, house().ground.keyring, system.code)
    known = (
        {}
        if present is None
        else {
            "scheme": present.rule.scheme,
            "encoding": str(present.rule.encoding),
            "patterns": "\n".join(present.patterns),
        }
    )
    form = PasswordsForm(**known)
    form.scheme.choices = [SelectChoice(each, each) for each in sorted(SCHEMES)]
    form.encoding.choices = [SelectChoice(str(each), str(each).upper()) for each in PasswordEncoding]
    return form


def _back(code: str) -> Response:
    return see_other(url_for("console.system_page", code=code))
