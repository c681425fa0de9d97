"""Commands for the clients that speak for older systems: allow one, take it back, list them."""

import sys
from contextlib import closing
from typing import NoReturn

import click

from idp.cli.shared import house_or_exit
from idp.core.results import Refused
from idp.linking.speakers import SpeakerProblem

_TEXTS = {
    SpeakerProblem.UNKNOWN_SYSTEM: "no older system has this code; see `idp legacy system list`",
    SpeakerProblem.BAD_URI: "events go to an https address without fragment",
    SpeakerProblem.NOT_ALLOWED: "this client does not speak for the system; see `idp mapping list`",
}


@click.group()
def mapping() -> None:
    """Say which clients may ask whose the accounts of an older system are."""


@mapping.command()
@click.argument("system")
@click.argument("client_id")
@click.option("--events-uri", help="Where changes are pushed to, signed (RFC 8935); without it the client asks.")
def allow(system: str, client_id: str, events_uri: str | None) -> None:
    """Let a client speak for an older system; again, to change where changes are pushed to.

    It needs the scopes mapping:read and mapping:sign_up of the API as well: see `idp client approve-api`.
    """
    with closing(house_or_exit()) as house:
        if house.protocol.clients.find(client_id) is None:
            _refuse("no client has this id; see `idp client list`")
        with house.ground.database.transaction() as session:
            done = house.api.mapping.speakers.allow(session, system, client_id, events_uri=events_uri)
        if isinstance(done, Refused):
            _refuse(_TEXTS[SpeakerProblem(done.reason)])
        click.echo("allowed")


@mapping.command()
@click.argument("system")
@click.argument("client_id")
def withdraw(system: str, client_id: str) -> None:
    """Let a client speak for an older system no more, from its next request on."""
    with closing(house_or_exit()) as house:
        with house.ground.database.transaction() as session:
            done = house.api.mapping.speakers.withdraw(session, system, client_id)
        if isinstance(done, Refused):
            _refuse(_TEXTS[SpeakerProblem(done.reason)])
        click.echo("withdrawn")


@mapping.command("list")
def list_speakers() -> None:
    """List who speaks for which system: system, client, address of pushes, how far it was told."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        for each in house.api.mapping.speakers.all(session):
            click.echo("\t".join((each.system_code, each.client_id, each.events_uri or "-", each.told)))


def _refuse(text: str) -> NoReturn:
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)
