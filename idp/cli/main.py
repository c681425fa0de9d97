"""The idp command: serving, and commands for keys, clients, persons, roles, devices, the register and the audit."""

import click

from idp.cli.audit import audit
from idp.cli.clients import client
from idp.cli.devices import device
from idp.cli.doctor import doctor
from idp.cli.keys import keys
from idp.cli.legacy import legacy
from idp.cli.mapping import mapping
from idp.cli.persons import person
from idp.cli.proofings import proofing
from idp.cli.register import register
from idp.cli.roles import department, role
from idp.cli.seed import seed
from idp.cli.serve import run, worker
from idp.cli.shared import settings_or_exit
from idp.core.clock import Clock
from idp.house.ground import open_database
from idp.house.upkeep import create_partitions
from migrations import run as migrations


@click.group()
def cli() -> None:
    """Run and look after the identity provider; settings come from config.yaml and IDP_* variables."""


@cli.command()
def migrate() -> None:
    """Bring the database to this release's revision."""
    database = open_database(settings_or_exit())
    migrations.upgrade(database)
    create_partitions(database, Clock())  # before traffic: a range that began in the default partition stays there
    click.echo(f"database at revision {migrations.current(database)}")


for command in (
    run,
    worker,
    keys,
    seed,
    client,
    person,
    department,
    role,
    device,
    legacy,
    mapping,
    register,
    proofing,
    audit,
    doctor,
):
    cli.add_command(command)
