"""Commands for keys."""

import click

from idp.cli.shared import house_or_exit, settings_or_exit
from idp.core.clock import Clock
from idp.crypto.signing import SIGNING_ALGORITHMS
from idp.house.ground import create_keys


@click.group()
def keys() -> None:
    """Create and rotate keys."""


@keys.command()
def init() -> None:
    """Create every key that is missing; repeats change nothing."""
    created = create_keys(settings_or_exit(), Clock())
    click.echo("created: " + ", ".join(created) if created else "all keys are there")


@keys.command("rotate-signing")
@click.option("--algorithm", type=click.Choice(SIGNING_ALGORITHMS), required=True)
@click.option("--announce-seconds", type=click.IntRange(min=0), help="Default: keys.announce_seconds.")
def rotate_signing(algorithm: str, announce_seconds: int | None) -> None:
    """Announce a new signing key; it signs once the announcement is over."""
    house = house_or_exit()
    kid = house.ground.signing_keys.rotate(algorithm, announce_seconds=announce_seconds)
    house.ground.signing_keys.advance()
    click.echo(f"announced: {kid}")
