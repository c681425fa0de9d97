"""Commands for older systems: which there are, and how their files are built."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import click

from connectors.legacy.layout import Layout
from connectors.legacy.refusal import SourceRefused
from connectors.legacy.sniffing import Sniffed, sniff
from idp.audit.log import Origin
from idp.cli.legacy_batches import BATCH_COMMANDS, actor_or_exit
from idp.cli.legacy_logins import LOGIN_COMMANDS
from idp.cli.legacy_upkeep import UPKEEP_COMMANDS
from idp.cli.shared import house_or_exit
from idp.core.results import Refused
from idp.linking import system_changes
from idp.linking.column_guess import Guess, guess
from idp.linking.columns import ColumnMap, Field
from idp.linking.rules import parse_rules
from idp.linking.system_changes import NewSystem, SystemProblem
from idp.linking.systems import SystemView, all_systems, system_by_code
from idp.linking.vocabulary import SourceState
from idp.persons.departments import find_department
from realname.documents.masking import mask_name, mask_number

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_AS = click.option("--as", "login_name", required=True, metavar="LOGIN_NAME", help="Who does this.")
SYSTEM_TEXTS = {
    SystemProblem.CODE: "a code has 1 to 40 of a-z, 0-9, dot, dash and underscore",
    SystemProblem.NAME: "a name has 1 to 100 printable characters, without spaces around them",
    SystemProblem.TAKEN: "another system has this code",
    SystemProblem.NOT_THERE: "no system has this code; see `idp legacy system list`",
}


@click.group()
def legacy() -> None:
    """Bring accounts of older systems here: agree on their files, read them, approve, apply."""


@legacy.group()
def system() -> None:
    """Say which older systems there are, and what is agreed about them."""


@system.command("add")
@click.argument("code")
@click.option("--name", required=True, help="As people know it.")
@click.option("--department", required=True, help="Code of the department that answers for it.")
@click.option("--real-name-verified", is_flag=True, help="It verified the names of its users itself.")
@click.option("--holds-organisations", is_flag=True, help="An organisation in its column is whose account it is.")
@click.option("--pays-out", is_flag=True, help="Money goes out by it, so no account is ever taken for somebody's.")
@_AS
def add(code: str, name: str, department: str, login_name: str, **facts: bool) -> None:
    """Add the system CODE."""
    with closing(house_or_exit()) as house:
        actor = actor_or_exit(house, login_name)
        with house.ground.database.transaction() as session:
            found = find_department(session, department)
            if found is None:
                refuse("no department has this code; see `idp department list`")
            added = system_changes.add_system(
                session,
                NewSystem(
                    code=code,
                    name=name,
                    department_id=found.id,
                    is_real_name_verified=facts["real_name_verified"],
                    holds_organisations=facts["holds_organisations"],
                    pays_out=facts["pays_out"],
                ),
                at=house.ground.clock.now(),
                origin=Origin(actor_person=actor.person_id),
            )
        if isinstance(added, Refused):
            refuse(SYSTEM_TEXTS[SystemProblem(added.reason)])
        click.echo(f"added: system {added.value}")


@system.command("list")
def list_systems() -> None:
    """List systems: number, code, name, state, whether files are agreed on, version of the rules."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        for each in all_systems(session):
            files = "agreed" if each.source and each.columns else "-"
            click.echo("\t".join((str(each.number), each.code, each.name, each.state, files, str(each.rules_version))))


@system.command("show")
@click.argument("code")
def show(code: str) -> None:
    """Print what is agreed about the system CODE."""
    with closing(house_or_exit()) as house, house.ground.database.read() as session:
        found = find_or_exit(system_by_code(session, code))
    document = {
        "number": found.number,
        "name": found.name,
        "state": found.state,
        "source": found.source,
        "columns": found.columns,
        "rules": found.rules.document(),
        "rules_version": found.rules_version,
        "password_scheme": found.password_scheme,
        "real_name_verified": found.is_real_name_verified,
        "holds_organisations": found.holds_organisations,
        "pays_out": found.pays_out,
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@system.command("edit")
@click.argument("code")
@click.option("--name", help="As people know it.")
@click.option("--rules", "rules_file", type=_FILE, help="JSON: the action for each situation; others stay as they are.")
@_AS
def edit(code: str, name: str | None, rules_file: Path | None, login_name: str) -> None:
    """Change what is agreed about the system CODE; the next dry run goes by it."""
    with closing(house_or_exit()) as house:
        actor, now = actor_or_exit(house, login_name), house.ground.clock.now()
        origin = Origin(actor_person=actor.person_id)
        facts = {"name": name} if name else {}
        with house.ground.database.transaction() as session:
            found = find_or_exit(system_by_code(session, code))
            if rules_file is not None:
                parsed = parse_rules({**found.rules.document(), **_read_json(rules_file)})
                if isinstance(parsed, Refused):
                    refuse(f"{rules_file.name} is no set of rules: {parsed.reason}")
                system_changes.change_rules(session, found.number, parsed.value, at=now, origin=origin)
            if facts:
                system_changes.change_facts(session, found.number, at=now, origin=origin, **facts)
        click.echo("changed" if facts or rules_file else "nothing to change")


@system.command("end")
@click.argument("code")
@_AS
def end(code: str, login_name: str) -> None:
    """Take no more files of the system CODE, and begin no login with it; its links stay."""
    with closing(house_or_exit()) as house:
        origin = Origin(actor_person=actor_or_exit(house, login_name).person_id)
        with house.ground.database.transaction() as session:
            found = find_or_exit(system_by_code(session, code))
            system_changes.end_system(session, found.number, at=house.ground.clock.now(), origin=origin)
    click.echo("ended")


@legacy.command("sniff")
@click.argument("file", type=_FILE)
def sniff_file(file: Path) -> None:
    """Print how FILE is built and which column is likely which field, over masked rows; nothing is kept."""
    sniffed = _sniff(file)
    _show(sniffed, guess(sniffed.layout.header, sniffed.sample))


@legacy.command("map")
@click.argument("code")
@click.argument("file", type=_FILE)
@click.option(
    "--column", "corrections", multiple=True, metavar="FIELD=COLUMN", help="Corrects the guess; FIELD= drops it."
)
@click.option(
    "--state", "states", multiple=True, metavar="WORD=STATE", help="What a word of its own for a state means."
)
@click.option("--save", is_flag=True, help="Agree on it for the system's files.")
@_AS
def map_columns(
    code: str, file: Path, corrections: tuple[str, ...], states: tuple[str, ...], save: bool, login_name: str
) -> None:
    """Guess how the files of system CODE are built from FILE, correct it, and agree on it with --save."""
    sniffed = _sniff(file)
    guessed = guess(sniffed.layout.header, sniffed.sample)
    columns = _corrected(guessed.columns, corrections)
    _show(sniffed, Guess(columns, guessed.reasons))
    if problems := columns.problems(sniffed.layout.header):
        refuse("these columns cannot be used: " + ", ".join(problems))
    if not save:
        click.echo("Nothing is agreed yet; repeat with --save.", err=True)
        return
    source: dict[str, Any] = {"layout": sniffed.layout.as_json(), "state_words": _states(states)}
    with closing(house_or_exit()) as house:
        actor = actor_or_exit(house, login_name)
        with house.ground.database.transaction() as session:
            found = find_or_exit(system_by_code(session, code))
            system_changes.agree_on_files(
                session,
                found.number,
                source=source,
                columns=columns.as_document(),
                at=house.ground.clock.now(),
                origin=Origin(actor_person=actor.person_id),
            )
    click.echo("agreed")


def find_or_exit(found: SystemView | None) -> SystemView:
    """Return the system, or end with the remedy."""
    if found is None:
        refuse(SYSTEM_TEXTS[SystemProblem.NOT_THERE])
    return found


def refuse(text: str) -> NoReturn:
    """End with the reason on standard error."""
    click.echo(f"idp: {text}", err=True)
    sys.exit(1)


def _sniff(file: Path) -> Sniffed:
    try:
        return sniff(file)
    except SourceRefused as refused:
        refuse(f"{file.name} cannot be read: {refused.reason}")


def _show(sniffed: Sniffed, guessed: Guess) -> None:
    layout: Layout = sniffed.layout
    click.echo(f"{layout.kind}, {layout.encoding}, {len(layout.header)} columns, confidence {sniffed.confidence:.2f}")
    if sniffed.lost_characters:
        click.echo(f"{sniffed.lost_characters} characters of the sample are none of this encoding")
    confidence = {reason.field: f"{reason.confidence:.2f} ({reason.why})" for reason in guessed.reasons}
    for field, column in guessed.columns.columns.items():
        at = layout.header.index(column) if column in layout.header else None
        shown = "" if at is None else "  ".join(_masked(field, cells[at]) for cells in sniffed.sample[:3])
        click.echo(f"  {field:<18}{column:<20}{confidence.get(field, 'by hand'):<26}{shown}")


def _masked(field: Field, text: str) -> str:
    if field in (Field.PASSWORD, Field.SALT):
        return "*"
    if field is Field.REFERENCE or not text:
        return text
    return mask_name(text) if field in (Field.NAME, Field.FORMER_NAME) else mask_number(text, strict=True)


def _corrected(columns: ColumnMap, corrections: tuple[str, ...]) -> ColumnMap:
    named = dict(columns.columns)
    for each in corrections:
        field, _, column = each.partition("=")
        if field not in list(Field):
            raise click.UsageError(f"--column: {field} is no field; there are {', '.join(Field)}.")
        named.pop(Field(field), None)
        if column:
            named[Field(field)] = column
    dates = {field: pattern for field, pattern in columns.date_formats.items() if field in named}
    return ColumnMap(named, dates)


def _states(states: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in states:
        word, _, state = each.partition("=")
        if state not in (SourceState.ACTIVE, SourceState.INACTIVE, SourceState.DECEASED):
            raise click.UsageError("--state: WORD=active, WORD=inactive or WORD=deceased.")
        found[word] = state
    return found


def _read_json(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        refuse(f"{file.name} is not JSON")
    if not isinstance(document, dict):
        refuse(f"{file.name} is no JSON object")
    return document


for command in (*BATCH_COMMANDS, *LOGIN_COMMANDS, *UPKEEP_COMMANDS):
    legacy.add_command(command)
