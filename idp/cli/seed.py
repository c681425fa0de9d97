"""Filling a database from a file: clients, resource servers and, outside production, made-up people."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from clients.overrides import Overrides
from idp.cli.shared import house_or_exit
from idp.core.clock import civil_date
from idp.core.errors import ConfigError
from idp.core.ids import new_secret
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.registration import NewPerson
from realname.documents.parse import parse_number

_OVERRIDES = ("require_pkce", "require_consent", "assertion_audience", "allowed_resources")
_SECRET = re.compile(r"[\x21-\x7e]{32,128}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def seed(file: Path) -> None:
    """Create or update what FILE lists; repeating it changes nothing."""
    house = house_or_exit()
    document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    try:
        done = seed_house(house, document)
    except ConfigError as error:
        click.echo(f"idp: {error}", err=True)
        sys.exit(2)
    click.echo("\n".join(done) if done else "nothing to do")


def seed_house(house: House, document: Mapping[str, Any]) -> list[str]:
    """Carry the document out and return a line for each thing done; raises ConfigError."""
    done = [_seed_client(house, dict(client)) for client in document.get("clients", ())]
    people = document.get("people", ())
    if people and not house.settings.demo_people:
        raise ConfigError("people: demo_people is false here. Remove the section, or use another profile.")
    done += [_seed_person(house, person) for person in people]
    return [line for line in done if line]


def _seed_client(house: House, document: dict[str, Any]) -> str:
    client_id = str(document.pop("client_id"))
    secret = _secret(house, document)
    rules: dict[str, Any] = {name: document.pop(name) for name in _OVERRIDES if name in document}
    if "allowed_resources" in rules:
        rules["allowed_resources"] = tuple(rules["allowed_resources"])
    overrides = Overrides(**rules)
    administration = house.protocol.administration
    present = house.protocol.clients.find(client_id)
    if present is None:
        administration.create(document, client_id=client_id, client_secret=secret, overrides=overrides)
        return f"client {client_id} created"
    administration.update(client_id, document, overrides=overrides, allow_new_sector=True)
    return f"client {client_id} up to date"


def _secret(house: House, document: dict[str, Any]) -> str | None:
    """Return the client's secret from its file in the data directory, drawing it where it is missing."""
    name = document.pop("client_secret_file", None)
    if name is None:
        return None
    path = house.settings.data_dir / str(name)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_secret() + "\n", encoding="ascii")
    secret = path.read_text(encoding="ascii").strip()
    if not _SECRET.fullmatch(secret):
        raise ConfigError(f"{path.name}: must hold a secret of at least 32 characters.")
    return secret


def _seed_person(house: House, person: Mapping[str, Any]) -> str:
    people, now = house.people, house.ground.clock.now()
    number = parse_number(str(person["number"]), today=civil_date(now)) if "number" in person else None
    if number is not None and not isinstance(number, Ok):
        raise ConfigError(f"people: the number of {person.get('login_name')} is not valid.")
    with house.ground.database.transaction() as session:
        if people.directory.find_by_login(session, person["login_name"]) is not None:
            return ""
        people.registration.register(
            session,
            NewPerson(
                name=person["name"],
                number=number.value if number is not None else None,
                mobile=person.get("mobile"),
                login_name=person["login_name"],
                password_hash=people.passwords.hash(person["password"]),
                locale=person.get("locale"),
            ),
        )
    return f"person {person['login_name']} created"
