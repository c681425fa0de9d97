"""Commands for persons."""

from collections.abc import Mapping
from contextlib import closing

import click

from idp.cli.shared import TAKES_ID, house_or_exit
from idp.house.erasure import build_erasure
from idp.login.erasure import Erased


@click.group()
def person() -> None:
    """Look after persons, by their opaque ids."""


@person.command(context_settings=TAKES_ID)
@click.argument("person_id")
@click.option("--dry-run", is_flag=True, help="Only show what would end and go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(person_id: str, dry_run: bool, yes: bool) -> None:
    """Erase the person PERSON_ID for ever: their data, logins, sessions and messages.

    Nothing brings them back but a backup that still holds their key.
    """
    with closing(house_or_exit()) as house:
        erasure = build_erasure(house)
        _show(erasure.rehearse(person_id))
        if dry_run:
            click.echo("nothing was changed")
            return
        if not yes:
            click.confirm(f"Erase {person_id} for ever?", abort=True)
        erasure.erase(person_id)
        click.echo(f"erased: {person_id}")


def _show(erased: Erased) -> None:
    _show_counts("ends", erased.ended)
    _show_counts("goes", erased.rows)


def _show_counts(what: str, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        click.echo(f"{what:<6}{count:>6}  {name}")
