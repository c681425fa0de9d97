"""Commands for batches: bring a file, read its dry run, approve it as a second person, and lead it through."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import click

from connectors.legacy.export import write_rows
from idp.cli.shared import house_or_exit
from idp.house.build import House
from idp.house.imports import build_import_job, build_imports
from idp.linking import batches
from idp.linking.batches import BatchKind, BatchProblem, BatchRefused, BatchView
from idp.linking.dry_run import Progress, faults, progress, samples
from idp.linking.import_applying import TOLD
from idp.linking.imports import Actor, Imports
from idp.linking.systems import system_by_code

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_AS = click.option("--as", "login_name", required=True, metavar="LOGIN_NAME", help="Who does this.")
_BAR = 30

BATCH_TEXTS = {
    BatchProblem.NOT_THERE: "no batch has this number; see `idp legacy status`",
    BatchProblem.STATE: "the batch is not at the point where this could be done; see `idp legacy status`",
    BatchProblem.SAME_FILE: "this very file was brought before",
    BatchProblem.FILE_CHANGED: "the file is no longer the one that was uploaded; cancel the batch and bring it anew",
    BatchProblem.COLUMNS_CHANGED: "the system's columns were agreed anew since the dry run; stage the batch again",
    BatchProblem.RULES_CHANGED: "the system's rules changed since the dry run; stage the batch again",
    BatchProblem.OVERTAKEN: "a later batch of the system was applied since; cancel this one",
    BatchProblem.OWN_BATCH: "whoever brought a batch does not approve it: that is a second person's word",
    BatchProblem.NOT_ALLOWED: "they hold no role in the system's department that allows this; see `idp role list`",
    BatchProblem.SYSTEM_ENDED: "the system has ended; no more files of it are taken",
    BatchProblem.COLUMNS_MISSING: "nothing is agreed on about the system's files; see `idp legacy map`",
}


@click.command()
@click.argument("code")
@click.argument("file", type=_FILE)
@click.option("--full", is_flag=True, help="FILE has every account of the system: whoever is not in it is gone.")
@_AS
def upload(code: str, file: Path, full: bool, login_name: str) -> None:
    """Bring FILE of the system CODE here, as a new batch."""
    with acting(login_name) as (house, imports, actor):
        with house.ground.database.read() as session:
            system = system_by_code(session, code)
        if system is None:
            _refuse("no system has this code; see `idp legacy system list`")
        kind = BatchKind.FULL if full else BatchKind.DELTA
        try:
            number = imports.bring(file, system_number=system.number, kind=kind, actor=actor)
        except OSError as error:
            _refuse(f"{file.name} could not be copied ({error.strerror})")
        click.echo(f"batch {number}")


@click.command()
@click.argument("number", type=int)
@_AS
def stage(number: int, login_name: str) -> None:
    """Let the worker read batch NUMBER and make its dry run, or make it anew."""
    with acting(login_name) as (_, imports, actor):
        imports.begin(number, actor=actor)
    click.echo("a worker reads it; see `idp legacy status`")


@click.command("dry-run")
@click.argument("number", type=int)
@click.option("--samples", "most", type=click.IntRange(0, 50), default=3, show_default=True, help="Rows of each class.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where to list the rows at fault (CSV)."
)
def dry_run(number: int, most: int, errors: Path | None) -> None:
    """Print what the dry run of batch NUMBER found: situations with masked samples, and what would change."""
    with closing(house_or_exit()) as house:
        batch = _find(house, number)
        for name in ("situations", "changes", "actions", "difference", "faults"):
            click.echo(f"{name}:")
            for key, rows in batch.counters.get(name, {}).items():
                click.echo(f"  {key:<20}{rows:>12,}")
        with house.ground.database.read() as session:
            for each in samples(session, house.ground.keyring, number, most=most):
                cells = (each.situation, each.change, each.action, each.number, each.name, each.mobile)
                click.echo(f"row {each.row_number}: " + "  ".join(cells))
        if errors is not None:
            with errors.open("w", encoding="utf-8-sig", newline="") as target:
                write_rows(target, [("row", "reason")])
                write_rows(target, ((str(row), fault) for row, fault in faults(house.ground.database, number)))
            click.echo(f"rows at fault are listed in {errors}")


@click.command()
@click.argument("number", type=int)
@_AS
def approve(number: int, login_name: str) -> None:
    """Let the worker carry out the plan of batch NUMBER; the second person's word."""
    with acting(login_name) as (_, imports, actor):
        imports.approve(number, actor=actor)
    click.echo("approved; a worker applies it")


@click.command("go-on")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why, for the audit log; nothing that names a person.")
@_AS
def go_on(number: int, reason: str, login_name: str) -> None:
    """Let batch NUMBER go on although a safeguard stopped it."""
    with acting(login_name) as (_, imports, actor):
        imports.accept_stop(number, reason=reason, actor=actor)
    click.echo("goes on")


@click.command()
@click.argument("number", type=int)
@_AS
def pause(number: int, login_name: str) -> None:
    """Let the worker stop with batch NUMBER at its next checkpoint."""
    with acting(login_name) as (_, imports, actor):
        imports.pause(number, actor=actor)
    click.echo("paused")


@click.command()
@click.argument("number", type=int)
@_AS
def resume(number: int, login_name: str) -> None:
    """Let a worker go on with batch NUMBER."""
    with acting(login_name) as (_, imports, actor):
        imports.resume(number, actor=actor)
    click.echo("resumed")


@click.command()
@click.argument("number", type=int)
@_AS
def cancel(number: int, login_name: str) -> None:
    """End batch NUMBER, of which nothing was applied; its file goes."""
    with acting(login_name) as (_, imports, actor):
        imports.cancel(number, actor=actor)
    click.echo("cancelled")


@click.command()
def work() -> None:
    """Do here and now what a worker would do about batches, until none waits."""
    with closing(house_or_exit()) as house:
        done = build_import_job(house.ground).run()
    click.echo(f"{done} times a batch was led on")


@click.command()
@click.argument("number", type=int, required=False)
def status(number: int | None) -> None:
    """List the latest batches, or batch NUMBER: state, rows, how far, time left, why it stopped."""
    with closing(house_or_exit()) as house:
        now = house.ground.clock.now()
        with house.ground.database.read() as session:
            found = (batches.find_batch(session, number),) if number is not None else batches.all_batches(session)
        for each in found:
            state = f"{each.state} (paused)" if each.is_paused else str(each.state)
            rows = each.counters.get("rows", 0)
            line = f"{each.number:>6}  system {each.system_number:<4} {each.kind:<6} {state:<18} {rows:>12,} rows"
            click.echo(f"{line}  {_bar(progress(each, at=now))}{each.reason or ''}".rstrip())


@click.command()
@click.argument("number", type=int)
def report(number: int) -> None:
    """Print what became of batch NUMBER."""
    with closing(house_or_exit()) as house:
        batch = _find(house, number)
    click.echo(f"batch {batch.number} of system {batch.system_number}: {batch.state} {batch.reason or ''}".rstrip())
    click.echo(f"brought by {batch.created_by or '-'}, approved by {batch.approved_by or '-'}")
    for name in ("rows", "bad", "lost_characters", *TOLD):
        click.echo(f"  {name:<20}{batch.counters.get(name, 0):>12,}")


#: What `idp legacy` has beside its systems.
BATCH_COMMANDS: tuple[click.Command, ...] = (
    upload,
    stage,
    dry_run,
    approve,
    go_on,
    pause,
    resume,
    cancel,
    work,
    status,
    report,
)


def actor_or_exit(house: House, login_name: str) -> Actor:
    """Return the person of a login name, or end: every act is somebody's."""
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_login(session, login_name)
    if found is None:
        _refuse("--as: nobody has this login name")
    return Actor(found.person_id)


@contextmanager
def acting(login_name: str) -> Iterator[tuple[House, Imports, Actor]]:
    """Lend the house and who acts; a refusal is worded and ends the command."""
    with closing(house_or_exit()) as house:
        try:
            yield house, build_imports(house.ground), actor_or_exit(house, login_name)
        except BatchRefused as refused:
            other = "" if refused.other is None else f" (batch {refused.other})"
            _refuse(BATCH_TEXTS[refused.problem] + other)


def _find(house: House, number: int) -> BatchView:
    with house.ground.database.read() as session:
        try:
            return batches.find_batch(session, number)
        except BatchRefused as refused:
            _refuse(BATCH_TEXTS[refused.problem])


def _bar(found: Progress | None) -> str:
    if found is None:
        return ""
    full = round(found.share * _BAR)
    left = "" if found.seconds_left is None else f", {found.seconds_left // 60} min {found.seconds_left % 60} s left"
    return f"[{'#' * full}{'.' * (_BAR - full)}] {found.share:.0%}{left}  "


def _refuse(text: str) -> NoReturn:
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)
