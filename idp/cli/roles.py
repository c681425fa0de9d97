"""Commands for departments, and for the roles that persons hold in them."""

import sys

import click

from idp.cli.shared import TAKES_ID, house_or_exit
from idp.core.results import Refused
from idp.house.build import House
from idp.persons.contacts import KnownContact
from idp.persons.departments import DepartmentProblem, all_departments, create_department, find_department
from idp.persons.roles import Role, RoleProblem, role_holders
from idp.persons.vocabulary import ContactKind
from idp.sessions.role_changes import Granted

_ROLE = click.Choice([each.value for each in Role])

#: What is said of each refusal; never whom it was about, and never what was typed.
ROLE_TEXTS = {
    RoleProblem.EXCLUSIVE: "they administer the system, its security or the audit already; these are three people",
    RoleProblem.ALREADY_HELD: "they hold this role in this department already",
    RoleProblem.OWN_ROLE: "nobody grants a role to themself",
    RoleProblem.UNKNOWN_PERSON: "no person has this login name, verified mobile or e-mail address, or id",
    RoleProblem.UNKNOWN_DEPARTMENT: "no department has this code; see `idp department list`",
    RoleProblem.NOT_ACTIVE: "their account is suspended, merged or closed",
    RoleProblem.NOT_HELD: "they do not hold this role in this department; see `idp role list`",
    RoleProblem.LOGIN_NAME_MISSING: "they have no login name, by which alone staff log in; give one with --login-name",
    RoleProblem.MOBILE_MISSING: (
        "they have neither a verified mobile nor an authenticator app, so none could be set up at their first staff"
        " login; let them verify a mobile in their account first"
    ),
    RoleProblem.LOGIN_NAME_INVALID: (
        "a login name has 3 to 32 of a-z, 0-9, dot, dash and underscore, starts with a letter and reads like no"
        " document number"
    ),
    RoleProblem.LOGIN_NAME_TAKEN: "somebody else has this login name",
}
DEPARTMENT_TEXTS = {
    DepartmentProblem.CODE: "a code has 1 to 40 of A-Z, a-z, 0-9, dot, dash and underscore",
    DepartmentProblem.NAME: "a name has 1 to 100 printable characters, without spaces around them",
    DepartmentProblem.TAKEN: "another department has this code",
    DepartmentProblem.UNKNOWN_PARENT: "no department has the parent's code",
}


@click.group()
def role() -> None:
    """Say who may do what; PERSON is a login name, a verified mobile or e-mail address, or a person's id."""


@role.command(context_settings=TAKES_ID)
@click.argument("role_name", metavar="ROLE", type=_ROLE)
@click.argument("person")
@click.option("--department", required=True, help="Its code.")
@click.option("--login-name", help="Becomes the person's login name, by which alone staff log in.")
def grant(role_name: str, person: str, department: str, login_name: str | None) -> None:
    """Grant ROLE in a department to PERSON, and say what they do next."""
    house = house_or_exit()
    granted = house.protocol.roles.grant(person, Role(role_name), department, by=None, login_name=login_name)
    if isinstance(granted, Refused):
        _refuse(ROLE_TEXTS[RoleProblem(granted.reason)])
    else:
        click.echo(f"granted: {role_name} in {department} to person {granted.value.person_id}")
        for line in _next_steps(house, granted.value):
            click.echo(f"  {line}")


@role.command(context_settings=TAKES_ID)
@click.argument("role_name", metavar="ROLE", type=_ROLE)
@click.argument("person")
@click.option("--department", required=True, help="Its code.")
def revoke(role_name: str, person: str, department: str) -> None:
    """End ROLE of PERSON in a department; with the last staff role their staff logins end."""
    revoked = house_or_exit().protocol.roles.revoke(person, Role(role_name), department)
    if isinstance(revoked, Refused):
        _refuse(ROLE_TEXTS[RoleProblem(revoked.reason)])
    else:
        click.echo(f"revoked: {role_name} in {department} of person {revoked.value.person_id}")
        click.echo(f"staff logins ended: {revoked.value.ended_sessions}")


@role.command("list")
@click.option("--department", help="Only in the department of this code.")
def list_roles(department: str | None) -> None:
    """List who holds which role: department, role, login name, person's id, since when."""
    house = house_or_exit()
    with house.ground.database.read() as session:
        found = find_department(session, department) if department is not None else None
        if department is not None and found is None:
            _refuse(ROLE_TEXTS[RoleProblem.UNKNOWN_DEPARTMENT])
        for held in role_holders(session, found.id if found else None):
            name = _login_name(house.people.contacts.of(session, held.person_id))
            since = held.granted_at.isoformat(timespec="seconds")
            click.echo(f"{held.department_code}\t{held.role}\t{name}\t{held.person_id}\t{since}")


@click.group()
def department() -> None:
    """Add and list departments."""


@department.command()
@click.argument("code")
@click.argument("name")
@click.option("--parent", help="Code of the department that it belongs to.")
def add(code: str, name: str, parent: str | None) -> None:
    """Add a department under CODE, with its NAME."""
    house = house_or_exit()
    with house.ground.database.transaction() as session:
        above = find_department(session, parent) if parent is not None else None
        if parent is not None and above is None:
            _refuse(DEPARTMENT_TEXTS[DepartmentProblem.UNKNOWN_PARENT])
        created = create_department(
            session, code=code, name=name, parent_id=above.id if above else None, at=house.ground.clock.now()
        )
    if isinstance(created, Refused):
        _refuse(DEPARTMENT_TEXTS[DepartmentProblem(created.reason)])
    click.echo(f"department added: {code}")


@department.command("list")
def list_departments() -> None:
    """List departments: code, name, the code of the one above."""
    house = house_or_exit()
    with house.ground.database.read() as session:
        found = all_departments(session)
    codes = {each.id: each.code for each in found}
    for each in found:
        click.echo(f"{each.code}\t{each.name}\t{codes.get(each.parent_id or '', '-')}")


def _next_steps(house: House, granted: Granted) -> list[str]:
    """Return what the person does now, in order; no name, number or address is in it."""
    if not granted.is_staff_role:
        return ["This role needs no staff login."]
    least = house.settings.login.staff_password_length
    lines = ["They log in to a client for staff with their login name and password."]
    if not granted.has_password:
        lines.insert(0, f"They have no password yet: they set one at {house.settings.issuer}/recovery.")
    if granted.has_totp:
        return [*lines, f"Then a code from their authenticator app; a password of less than {least} is replaced there."]
    return [
        *lines,
        "At the first staff login a code goes to their mobile; they set up an authenticator app and keep its codes.",
        f"A password of less than {least} characters is replaced there.",
    ]


def _login_name(contacts: tuple[KnownContact, ...]) -> str:
    return next((each.value for each in contacts if each.kind is ContactKind.LOGIN_NAME), "-")


def _refuse(text: str) -> None:
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)
