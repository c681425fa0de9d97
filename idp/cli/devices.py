"""Commands for devices at counters: invite one, list them, end one."""

import sys
from contextlib import closing
from typing import NoReturn

import click

from connectors.devices.enrolment import INVITATION_SECONDS, InvitationProblem
from idp.cli.shared import TAKES_ID, house_or_exit
from idp.core.results import Refused
from idp.persons.departments import all_departments, find_department

_UNKNOWN_DEPARTMENT = "no department has this code; see `idp department list`"
INVITATION_TEXTS = {
    InvitationProblem.OFFICE: "an office has 1 to 100 printable characters, without spaces around them",
    InvitationProblem.LABEL: "a label has 1 to 100 printable characters, without spaces around them",
}


@click.group()
def device() -> None:
    """Enrol and end the card readers at counters."""


@device.command()
@click.option("--department", required=True, help="Code of the department whose counter it is.")
@click.option("--office", required=True, help="Where it stands, as clerks and the record name it.")
@click.option("--label", required=True, help="What staff call it; no personal data.")
def invite(department: str, office: str, label: str) -> None:
    """Print a one-time code by which one device enrols itself, and what to do with it."""
    with closing(house_or_exit()) as house:
        with house.ground.database.transaction() as session:
            found = find_department(session, department)
            if found is None:
                _refuse(_UNKNOWN_DEPARTMENT)
            invited = house.counter.devices.invite(session, found.id, office, label, None)
        if isinstance(invited, Refused):
            _refuse(INVITATION_TEXTS[InvitationProblem(invited.reason)])
        # The code alone on standard output, so that a script can hand it on.
        click.echo(invited.value)
        hours = INVITATION_SECONDS // 3600
        click.echo(f"It enrols one device and is good for {hours} hours.", err=True)
        click.echo(f"Type it into the reader's software, for the provider at {house.settings.issuer}.", err=True)
        click.echo("Then compare the thumbprint that it shows with `idp device list`.", err=True)


@device.command("list")
@click.option("--department", help="Only in the department of this code.")
def list_devices(department: str | None) -> None:
    """List devices: id, state, department, office, label, thumbprint, last seen."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        codes = {each.id: each.code for each in all_departments(session)}
        if department is not None and department not in codes.values():
            _refuse(_UNKNOWN_DEPARTMENT)
        for each in house.counter.devices.all(session):
            code = codes[each.department_id]
            if department is not None and code != department:
                continue
            seen = each.last_seen_at.isoformat(timespec="seconds") if each.last_seen_at else "-"
            cells = (each.id, each.state, code, each.office, each.label, each.key.thumbprint, seen)
            click.echo("\t".join(cells))


@device.command(context_settings=TAKES_ID)
@click.argument("device_id")
def end(device_id: str) -> None:
    """End a device; it is refused from its next request on, and its key is never enrolled again."""
    with closing(house_or_exit()) as house:
        with house.ground.database.transaction() as session:
            ended = house.counter.devices.end(session, device_id)
        if not ended:
            _refuse("no active device has this id; see `idp device list`")
        click.echo("ended")


def _refuse(text: str) -> NoReturn:
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)
