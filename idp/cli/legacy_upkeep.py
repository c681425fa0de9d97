"""Commands for what was made of batches: taking one back, verifying the journal, and what persons are matched by."""

import sys
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import click

from idp.audit.heads import HeadsFile
from idp.audit.verification import Finding
from idp.cli.legacy_batches import acting
from idp.cli.shared import house_or_exit, settings_or_exit
from idp.core.clock import Clock
from idp.core.results import Refused
from idp.house.ground import open_database
from idp.house.linking import (
    build_journal_sealer,
    build_journal_verifier,
    build_match_key_upkeep,
    build_undo_job,
)
from idp.linking import undoing
from idp.linking.projection import differences
from idp.linking.undoing import UndoProblem

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_AS = click.option("--as", "login_name", required=True, metavar="LOGIN_NAME", help="Who does this.")
_MOST_SHOWN = 50
UNDO_TEXTS = {
    UndoProblem.NOT_THERE: "no batch has this number; see `idp legacy status`",
    UndoProblem.STATE: "the batch is at work, changed nothing yet, or is taken back already; see `idp legacy status`",
    UndoProblem.NOT_ASKED: "nobody asked for it to be taken back; see `idp legacy undo`",
    UndoProblem.SAME_PERSON: "whoever asked does not approve it: that is a second person's word",
}


@click.command()
@click.argument("number", type=int)
@_AS
def undo(number: int, login_name: str) -> None:
    """Ask for batch NUMBER to be taken back; above a hundred links a second person approves it."""
    with acting(login_name) as (_, imports, actor):
        asked = imports.ask_undo(number, actor=actor)
    if isinstance(asked, Refused):
        _refuse(UNDO_TEXTS[UndoProblem(asked.reason)])
    more = "a second person approves it" if asked.value.needs_second else "a worker takes it back"
    click.echo(f"{asked.value.links} links; {more}")


@click.command("approve-undo")
@click.argument("number", type=int)
@_AS
def approve_undo(number: int, login_name: str) -> None:
    """Let a worker take batch NUMBER back; the second person's word."""
    with acting(login_name) as (_, imports, actor):
        approved = imports.approve_undo(number, actor=actor)
    if isinstance(approved, Refused):
        _refuse(UNDO_TEXTS[UndoProblem(approved.reason)])
    click.echo("approved; a worker takes it back")


@click.command()
@click.argument("number", type=int)
def kept(number: int) -> None:
    """List what stays of batch NUMBER, because somebody changed it since: its state says what they did."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        for each in undoing.kept(session, number):
            click.echo(f"link {each.link_id}\t{each.state}" if each.link_id else f"case {each.case_id}\t{each.state}")


@click.command("work-undo")
def work_undo() -> None:
    """Do here and now what a worker would do about undos, until none waits."""
    with closing(house_or_exit()) as house:
        job = build_undo_job(house.ground)
        while job.run():
            pass
    click.echo("nothing is left to take back")


@click.command()
@click.option("--heads", type=_FILE, help="Default: the file beside audit.heads_file.")
def verify(heads: Path | None) -> None:
    """Check the journal of merging, then links and cases against it; ends with 1 where anything is wrong."""
    settings = settings_or_exit()
    with closing(open_database(settings)) as database:
        elsewhere = HeadsFile(heads) if heads else None
        verifier = build_journal_verifier(settings, database, Clock(), heads=elsewhere, on_finding=_show)
        report = verifier.verify()
        count = 0
        for each in differences(database):
            count += 1
            if count <= _MOST_SHOWN:
                click.echo(f"DIFFERENCE {each.table} {each.id}: is {each.stands or '-'}, was told {each.told or '-'}")
    click.echo(f"checked: {report.rows} events under {report.seals} seals; unsealed: {report.unsealed_rows}")
    click.echo(f"findings: {report.findings}, differences: {count}")
    sys.exit(1 if report.findings or count else 0)


@click.command()
def seal() -> None:
    """Seal what is safe to seal of the journal now; the worker does so by itself."""
    settings = settings_or_exit()
    with closing(open_database(settings)) as database:
        rows = build_journal_sealer(settings, database, Clock()).run(most_batches=1_000)
    click.echo(f"sealed: {rows} events")


@click.command("match-keys")
def match_keys() -> None:
    """Compare what everybody is matched by with their facts, and mend what differs; the worker follows changes."""
    with closing(house_or_exit()) as house:

        def report(_: int) -> None:
            house.ground.presence.note()  # a rotation of keys waits for this process as for any other

        changed = build_match_key_upkeep(house.ground).backfill(report=report)
    click.echo(f"changed: {changed} persons")


#: What `idp legacy` has beside systems and batches.
UPKEEP_COMMANDS: tuple[click.Command, ...] = (undo, approve_undo, kept, work_undo, verify, seal, match_keys)


def _show(finding: Finding) -> None:
    place = "" if finding.position is None else f" at seal {finding.position}"
    click.echo(f"FINDING {finding.problem}{place}: {finding.detail}".rstrip(": "))


def _refuse(text: str) -> NoReturn:
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)
