"""The command that looks for what is wrong with an installation."""

import sys

import click

from idp.cli.shared import settings_or_exit
from idp.core.clock import Clock
from idp.house.doctor import Doctor
from idp.house.ground import open_database
from migrations import run as migrations


@click.command()
def doctor() -> None:
    """Say what is wrong with this installation and what to do about it; ends with code 1 if anything is."""
    settings = settings_or_exit()
    database = open_database(settings)
    examined = Doctor(
        settings=settings,
        database=database,
        clock=Clock(),
        revisions=lambda: (migrations.current(database), migrations.head()),
    ).examine()
    database.close()
    for name, findings in examined.items():
        click.echo(f"{name}: ok" if not findings else f"{name}:")
        for finding in findings:
            click.echo(f"  {finding.problem}\n  -> {finding.remedy}")
    sys.exit(1 if any(examined.values()) else 0)
