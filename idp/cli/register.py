"""Commands for the population register."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

import click

from idp.audit.events import Event
from idp.audit.log import record
from idp.cli.made_up_register import MOST_ENTRIES, fill_register
from idp.cli.shared import house_or_exit
from idp.core.clock import civil_date
from idp.core.errors import ConfigError, StoreUnavailable
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.contact_numbers import parse_mobile
from realname.documents.names import clean_name
from realname.documents.parse import parse_number
from realname.providers.answer import Answer, Outcome
from realname.providers.question import Question
from realname.providers.register.importing import Counts, NotEnded, Plan
from realname.providers.register.reading import ENCODINGS, BadRow, FileRefused

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def register() -> None:
    """Keep the population register that real names are verified against."""


@register.command("import")
@click.argument("file", type=_FILE)
@click.option("--complete", is_flag=True, help="FILE is the whole register: whoever is not in it ends.")
@click.option("--end-many", is_flag=True, help="With --complete: also where more than a tenth ends.")
@click.option("--encoding", type=click.Choice(ENCODINGS), help="Default: UTF-8 where FILE is that, else GB18030.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Bad rows; default: FILE.bad.csv.")
def import_file(file: Path, complete: bool, end_many: bool, encoding: str | None, report: Path | None) -> None:
    """Take FILE, a CSV with a header row, into the register; repeating it changes nothing.

    A run that was broken off is begun again. Bad rows are left out and listed by line, column and problem.
    """
    if end_many and not complete:
        raise click.UsageError("--end-many goes with --complete only.")
    target = report or file.with_name(file.name + ".bad.csv")
    with closing(house_or_exit()) as house, file.open("rb") as opened, _bad_rows(target) as report_bad:

        def report_progress(counts: Counts) -> None:
            house.ground.presence.note()  # a rotation of keys waits for this process as for any other
            house.login.life_events.register_deaths.act()
            click.echo(_line(counts), err=True)

        plan = Plan(encoding=encoding, is_complete=complete, may_end_many=end_many)
        try:
            counts = house.register.importer.run(opened, plan, report_bad=report_bad, report_progress=report_progress)
        except StoreUnavailable as error:
            click.echo(f"idp: {error}. Begin again with the same file: what was written is found unchanged.", err=True)
            sys.exit(1)
        except (FileRefused, NotEnded) as refused:
            click.echo(f"idp: {refused}", err=True)
            sys.exit(1)
    click.echo(_line(counts))
    if counts.bad:
        click.echo(f"bad rows are listed in {target}")


@register.command("made-up")
@click.argument("count", type=click.IntRange(1, MOST_ENTRIES))
def made_up(count: int) -> None:
    """See that the first COUNT made-up people of `idp seed` are in the register; not in production."""
    with closing(house_or_exit()) as house:
        try:
            added = fill_register(house, count, report=lambda done: click.echo(f"{done} entries", err=True))
        except ConfigError as error:
            click.echo(f"idp: {error}", err=True)
            sys.exit(2)
    click.echo(f"{added} made-up entries added")


@register.command()
def check() -> None:
    """Verify what standard input holds, rows of number, name and perhaps mobile, and print an outcome for each."""
    with closing(house_or_exit()) as house:
        with house.ground.database.transaction() as session:
            record(session, Event.REGISTER_CHECKED, at=house.ground.clock.now())
        # Row by row, so that whoever asks through a pipe hears at once.
        for cells in csv.reader(iter(sys.stdin.readline, "")):
            answer = _check(house, cells)
            click.echo(f"{answer.outcome} {answer.code}")


def _check(house: House, cells: list[str]) -> Answer:
    number_text, name_text, mobile_text = (*cells, "", "", "")[:3]
    number = parse_number(number_text, today=civil_date(house.ground.clock.now()))
    name, mobile = clean_name(name_text), parse_mobile(mobile_text)
    if not (isinstance(number, Ok) and isinstance(name, Ok)) or (mobile_text and not isinstance(mobile, Ok)):
        return Answer(Outcome.BAD_INPUT, house.register.verifier.name, "local.row")
    held = mobile.value if isinstance(mobile, Ok) else None
    return house.register.verifier.verify(Question(number.value, name.value, held))


@contextmanager
def _bad_rows(target: Path) -> Iterator[Callable[[int, BadRow], None]]:
    """Lend a function that lists a bad row; the file is made anew with the first one, for its owner alone."""
    opened: list[TextIO] = []

    def report(line: int, row: BadRow) -> None:
        if not opened:
            target.unlink(missing_ok=True)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            opened.append(os.fdopen(descriptor, "w", encoding="utf-8"))
            opened[0].write("line,column,problem\n")
        opened[0].write(f"{line},{row.column},{row.problem}\n")

    try:
        yield report
    finally:
        for file in opened:
            file.close()


def _line(counts: Counts) -> str:
    return (
        f"{counts.rows} rows: {counts.added} added, {counts.changed} changed, {counts.unchanged} unchanged,"
        f" {counts.bad} bad; {counts.ended} ended"
    )
