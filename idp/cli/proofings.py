"""Commands for proofings: take back what was proved wrongly, and see what waits for a counter's decision."""

from contextlib import closing

import click

from idp.cli.shared import TAKES_ID, house_or_exit
from idp.core.results import Ok
from realname.proofing.cases import Finding, open_cases
from realname.proofing.deaths import open_reports


@click.group()
def proofing() -> None:
    """Look after what raises persons above level 1."""


@proofing.command(context_settings=TAKES_ID)
@click.argument("person_id")
@click.option("--reason", required=True, help="Why, for the audit log; nothing that names a person.")
def withdraw(person_id: str, reason: str) -> None:
    """Take every proofing of PERSON_ID back; their logins and tokens end, and they are told."""
    with closing(house_or_exit()) as house:
        proved, database = house.login.proofing.proved, house.ground.database
        with database.transaction() as session:
            found = house.people.directory.load(session, person_id)
            if found is None:
                raise click.ClickException("there is no person of this id")
            locale = found.locale or house.settings.locales.default
            withdrawn = proved.withdraw(session, person_id, reason=reason, locale=locale)
        click.echo("withdrawn" if withdrawn else "nothing counted, so nothing was changed")


@proofing.command(name="close-case", context_settings=TAKES_ID)
@click.argument("case_id")
@click.option(
    "--outcome", required=True, type=click.Choice([str(each) for each in Finding]), help="What the review found."
)
def close(case_id: str, outcome: str) -> None:
    """Close CASE_ID, a displacement: what the displaced person obtained by the number was reviewed. Both are told."""
    with closing(house_or_exit()) as house:
        closed = house.login.life_events.case_reviews.close(case_id, Finding(outcome), reviewer=None)
    if not isinstance(closed, Ok):
        raise click.ClickException("no displacement of this id is open; a dispute ends at a counter, by a higher proof")
    click.echo("closed")


@proofing.command()
def cases() -> None:
    """List the numbers that two people proved and nobody has decided about."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        for case in open_cases(session):
            click.echo(f"{case.id}  {case.kind:<9}  {case.opened_at:%Y-%m-%d %H:%M}  {case.person_id}  {case.other_id}")


@proofing.command()
def deaths() -> None:
    """List the accounts that are suspended by a reported death and not closed: since when, by whom, whose."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        for report in open_reports(session):
            unsaid = "  the register says it no more" if report.unsaid_at else ""
            click.echo(f"{report.reported_at:%Y-%m-%d %H:%M}  {report.source:<11}  {report.person_id}{unsaid}")
