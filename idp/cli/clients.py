"""Commands for clients."""

import click

from clients.changes import ChangeRefusal, ClientChangeRefused
from clients.client import AuthMethod, Client
from clients.overrides import Overrides
from clients.own_api import SCOPES, audience_of
from idp.cli.shared import TAKES_ID, house_or_exit


@click.group()
def client() -> None:
    """Register and look after clients."""


@client.command()
@click.option("--name", required=True, help="What people see on the consent page.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Repeat for several.")
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--backchannel-logout-uri")
@click.option("--scope", default="openid profile", show_default=True)
@click.option("--grant-type", "grant_types", multiple=True, default=["authorization_code"], show_default=True)
@click.option(
    "--auth-method",
    type=click.Choice([each.value for each in AuthMethod]),
    default=AuthMethod.CLIENT_SECRET_BASIC.value,
    show_default=True,
)
@click.option("--application-type", type=click.Choice(["web", "native"]), default="web", show_default=True)
@click.option("--for-staff", is_flag=True, help="Staff log in to it, citizens do not; fixed from the beginning.")
@click.option("--acting-for", is_flag=True, help="It understands `act`: guardians may use it for their children.")
def add(
    name: str,
    redirect_uris: tuple[str, ...],
    post_logout_redirect_uris: tuple[str, ...],
    backchannel_logout_uri: str | None,
    scope: str,
    grant_types: tuple[str, ...],
    auth_method: str,
    application_type: str,
    for_staff: bool,
    acting_for: bool,
) -> None:
    """Register a client and print its id and secret; the secret is shown this once."""
    document: dict[str, object] = {
        "client_name": name,
        "redirect_uris": list(redirect_uris),
        "grant_types": list(grant_types),
        "response_types": ["code"] if "authorization_code" in grant_types else [],
        "scope": scope,
        "token_endpoint_auth_method": auth_method,
        "application_type": application_type,
        # Our own commands write ES256: RS256 is only the default of those who say nothing.
        "id_token_signed_response_alg": "ES256",
    }
    if post_logout_redirect_uris:
        document["post_logout_redirect_uris"] = list(post_logout_redirect_uris)
    if backchannel_logout_uri:
        document["backchannel_logout_uri"] = backchannel_logout_uri
        document["backchannel_logout_session_required"] = True
    rules = Overrides(for_staff=for_staff, acting_for=acting_for)
    created = house_or_exit().protocol.administration.create(document, overrides=rules)
    click.echo(f"client_id: {created.client.client_id}")
    if created.client_secret is not None:
        click.echo(f"client_secret: {created.client_secret}")


@client.command(context_settings=TAKES_ID)
@click.argument("client_id")
def disable(client_id: str) -> None:
    """Refuse a client from now on."""
    house_or_exit().protocol.administration.disable(client_id)
    click.echo(f"disabled: {client_id}")


@client.command(context_settings=TAKES_ID)
@click.argument("client_id")
def enable(client_id: str) -> None:
    """Let a disabled client in again."""
    house_or_exit().protocol.administration.enable(client_id)
    click.echo(f"enabled: {client_id}")


@client.command("allow-acting", context_settings=TAKES_ID)
@click.argument("client_id")
def allow_acting(client_id: str) -> None:
    """Let guardians use a client for their children; only for one that looks at `act` in every token."""
    house_or_exit().protocol.administration.set_acting_for(client_id, True)
    click.echo(f"acting allowed: {client_id}")


@client.command("refuse-acting", context_settings=TAKES_ID)
@click.argument("client_id")
def refuse_acting(client_id: str) -> None:
    """Take that back from now on, also for tokens that the client holds."""
    house_or_exit().protocol.administration.set_acting_for(client_id, False)
    click.echo(f"acting refused: {client_id}")


@client.command("approve-claims", context_settings=TAKES_ID)
@click.argument("client_id")
@click.option("--claim", "claims", multiple=True, required=True, help="An identity claim, or a scope for all of its.")
@click.option("--purpose", required=True, help="What the data is for; people read it before they agree.")
def approve_claims(client_id: str, claims: tuple[str, ...], purpose: str) -> None:
    """Let a client ask people for identity claims; where the purpose changes, they are asked anew."""
    _show_claims(house_or_exit().protocol.approvals.approve(client_id, claims, purpose))


@client.command("withdraw-claims", context_settings=TAKES_ID)
@click.argument("client_id")
@click.option("--claim", "claims", multiple=True, required=True, help="An identity claim, or a scope for all of its.")
def withdraw_claims(client_id: str, claims: tuple[str, ...]) -> None:
    """Refuse identity claims to a client from now on, also for tokens that it holds."""
    _show_claims(house_or_exit().protocol.approvals.withdraw(client_id, claims))


@client.command("claims", context_settings=TAKES_ID)
@click.argument("client_id")
def claims(client_id: str) -> None:
    """Show the identity claims that a client is approved for, with the purpose of each."""
    found = house_or_exit().protocol.clients.find(client_id)
    if found is None:
        raise ClientChangeRefused(ChangeRefusal.UNKNOWN_CLIENT)
    _show_claims(found)


@client.command("rotate-secret", context_settings=TAKES_ID)
@click.argument("client_id")
@click.option("--keep-old-seconds", type=click.IntRange(min=0), default=86_400, show_default=True)
def rotate_secret(client_id: str, keep_old_seconds: int) -> None:
    """Give a client a new secret; the old one lives on for a while."""
    created = house_or_exit().protocol.administration.rotate_secret(client_id, keep_old_seconds=keep_old_seconds)
    click.echo(f"client_secret: {created.client_secret}")


@client.command("approve-api", context_settings=TAKES_ID)
@click.argument("client_id")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(sorted(SCOPES)), help="Repeatable.")
def approve_api(client_id: str, scopes: tuple[str, ...]) -> None:
    """Let a system use our own API for registration and verification, by these scopes and no others of it."""
    house = house_or_exit()
    approved = house.api.approvals.approve(client_id, scopes)
    click.echo(f"approved: {approved.client_id} ({' '.join(sorted(SCOPES & approved.scope))})")
    click.echo(f"resource: {audience_of(house.settings.issuer)}")


@client.command("withdraw-api", context_settings=TAKES_ID)
@click.argument("client_id")
def withdraw_api(client_id: str) -> None:
    """Take our own API from a system, from its next request on."""
    house_or_exit().api.approvals.withdraw(client_id)
    click.echo(f"withdrawn: {client_id}")


def _show_claims(found: Client) -> None:
    for name, purpose in sorted(found.approved_claims.items()):
        click.echo(f"{name}: {purpose}")
    if not found.approved_claims:
        click.echo("none")
