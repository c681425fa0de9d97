"""Commands for the audit log."""

import sys
import time
from contextlib import closing
from pathlib import Path

import click

from idp.audit.heads import HeadsFile
from idp.audit.months import drop_month
from idp.audit.restart import resume
from idp.audit.verification import Finding
from idp.cli.shared import settings_or_exit
from idp.core.clock import Clock
from idp.house.audit import build_sealer, build_verifier, load_audit_key
from idp.house.ground import open_database

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Verify, seal and prune the audit log."""


@audit.command()
@click.option("--heads", type=_FILE, help="Default: audit.heads_file.")
def verify(heads: Path | None) -> None:
    """Check rows, seals and published heads; ends with 1 where anything was tampered with.

    Give --heads a copy from another machine to see what was done to the database and to this machine's file alike.
    """
    settings, began = settings_or_exit(), time.monotonic()
    with closing(open_database(settings)) as database:
        elsewhere = HeadsFile(heads) if heads else None
        report = build_verifier(settings, database, Clock(), heads=elsewhere, on_finding=_show).verify()
    spent = max(time.monotonic() - began, 0.001)
    click.echo(f"checked: {report.rows} rows under {report.seals} seals ({report.rows / spent:.0f} rows a second)")
    if report.dropped_batches:
        click.echo(f"dropped on record: {report.dropped_batches} batches, {report.dropped_rows} rows not checkable")
    if report.restarts:
        click.echo(f"restarts after a restore on record: {report.restarts}")
    if report.damaged_lines:
        click.echo(f"unreadable lines in the heads file: {report.damaged_lines}")
    click.echo(f"unsealed: {report.unsealed_rows} rows, the oldest {report.unsealed_age_seconds} seconds old")
    click.echo(f"findings: {report.findings}")
    sys.exit(1 if report.findings else 0)


@audit.command()
def seal() -> None:
    """Seal what is safe to seal now; the worker does so by itself."""
    settings = settings_or_exit()
    with closing(open_database(settings)) as database:
        rows = build_sealer(settings, database, Clock()).run(most_batches=1_000)
    click.echo(f"sealed: {rows} rows")


@audit.command("drop-month")
@click.argument("month")
def drop(month: str) -> None:
    """Drop the rows of MONTH (YYYY-MM) for good; their seals and a signed note stay."""
    settings = settings_or_exit()
    with closing(open_database(settings)) as database:
        rows = drop_month(
            database,
            month,
            keep_months=settings.audit.keep_months,
            key=load_audit_key(settings),
            heads=HeadsFile(settings.heads_file),
            clock=Clock(),
        )
    click.echo(f"dropped: {rows} rows of {month}")


@audit.command("resume")
@click.option("--reason", required=True, help="Kept in the heads file for ever.")
def resume_sealing(reason: str) -> None:
    """Go on sealing after a restore that lost published seals; the loss stays on record."""
    settings = settings_or_exit()
    with closing(open_database(settings)) as database:
        lost = resume(
            database,
            reason=reason,
            key=load_audit_key(settings),
            heads=HeadsFile(settings.heads_file),
            clock=Clock(),
        )
    click.echo(f"sealing goes on; {lost} published seals are given up")


def _show(finding: Finding) -> None:
    place = "" if finding.position is None else f" at seal {finding.position}"
    click.echo(f"FINDING {finding.problem}{place}: {finding.detail}".rstrip(": "))
