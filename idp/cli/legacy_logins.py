"""Commands for the logins of older systems' users: how passwords are kept there, and who answers."""

import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import click

from idp.audit.log import Origin
from idp.cli.legacy_batches import actor_or_exit
from idp.cli.shared import house_or_exit
from idp.core.clock import civil_date
from idp.linking import cutover
from idp.linking.default_passwords import BadPattern
from idp.linking.login_systems import BadPasswordRule, set_password_rule
from idp.linking.password_rule import PasswordEncoding, PasswordRule
from idp.linking.schemes import SCHEMES
from idp.linking.systems import system_by_code
from idp.linking.vocabulary import Cutover

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_AS = click.option("--as", "login_name", required=True, metavar="LOGIN_NAME", help="Who does this.")


@click.command()
def schemes() -> None:
    """List the schemes by which older systems may keep passwords."""
    for name in sorted(SCHEMES):
        click.echo(name)


@click.command()
@click.argument("code")
@click.option("--scheme", required=True, help="One of `idp legacy schemes`.")
@click.option("--encoding", type=click.Choice([each.value for each in PasswordEncoding]), default="utf-8")
@click.option("--secret-file", type=_FILE, help="The key of a reversible scheme.")
@click.option(
    "--first-password", "patterns", multiple=True, help="What the system gave out first, such as {number:-6}."
)
@_AS
def passwords(
    code: str, scheme: str, encoding: str, secret_file: Path | None, patterns: tuple[str, ...], login_name: str
) -> None:
    """Say how the system CODE keeps passwords; what was imported before is compared by it as well."""
    secret = b"" if secret_file is None else secret_file.read_bytes().strip()
    rule = PasswordRule(scheme=scheme, encoding=PasswordEncoding(encoding), secret=secret)
    with closing(house_or_exit()) as house:
        origin, now = Origin(actor_person=actor_or_exit(house, login_name).person_id), house.ground.clock.now()
        try:
            with house.ground.database.transaction() as session:
                set_password_rule(session, house.ground.keyring, code, rule, patterns=patterns, at=now, origin=origin)
        except (BadPasswordRule, BadPattern) as error:
            _refuse(str(error))
    click.echo("changed")


@click.command("cut-over")
@click.argument("code")
@click.argument("answers", type=click.Choice([each.value for each in Cutover]))
@_AS
def cut_over(code: str, answers: str, login_name: str) -> None:
    """Say who answers logins of the system CODE, one step at a time, forward or back."""
    with closing(house_or_exit()) as house:
        origin, now = Origin(actor_person=actor_or_exit(house, login_name).person_id), house.ground.clock.now()
        try:
            with house.ground.database.transaction() as session:
                before = cutover.switch(session, code, Cutover(answers), at=now, origin=origin)
        except cutover.CutoverRefused as error:
            _refuse(str(error))
    click.echo(f"{before} -> {answers}")


@click.command()
@click.argument("code")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="So many days up to today.")
def comparison(code: str, days: int) -> None:
    """Print how the answers of the system CODE and of the platform compared: kind and number of logins."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        system = system_by_code(session, code)
        if system is None:
            _refuse("no system has this code; see `idp legacy system list`")
        today = civil_date(house.ground.clock.now())
        found = cutover.report(session, system.number, first=today - timedelta(days=days - 1), last=today)
    for kind in cutover.Comparison:
        click.echo(f"{kind:<16}{found.counts.get(kind, 0):>12,}")
    click.echo(f"{'compared':<16}{found.compared:>12,}")
    click.echo(f"{'differing':<16}{found.differing:>12,}")


def _refuse(text: str) -> NoReturn:
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)


LOGIN_COMMANDS: tuple[click.Command, ...] = (schemes, passwords, cut_over, comparison)
