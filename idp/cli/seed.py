"""Filling a database from a file: clients, resource servers, departments; outside production made-up people as well,
and what the population register says of them.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pyotp
import yaml
from sqlalchemy.orm import Session

from clients.overrides import Overrides
from clients.resources import ResourceServer
from idp.cli.made_up import client_document, client_id, seed_people
from idp.cli.made_up_register import seed_register
from idp.cli.seed_proofings import prove_person
from idp.cli.shared import house_or_exit
from idp.core.clock import civil_date
from idp.core.errors import ConfigError
from idp.core.ids import new_secret
from idp.core.oauth_errors import OAuthError
from idp.core.results import Ok, Refused
from idp.house.build import House
from idp.persons.departments import create_department, find_department
from idp.persons.registration import NewPerson
from idp.persons.roles import Role, grant_role
from realname.documents.parse import parse_number

_OVERRIDES = ("require_pkce", "require_consent", "assertion_audience", "allowed_resources", "for_staff", "acting_for")
_RESOURCE_LISTS = {"scopes": frozenset, "introspection_clients": tuple}
_RESOURCE_MEMBERS = {
    "audience",
    "name",
    "token_format",
    "algorithm",
    "access_token_seconds",
    "sector",
    *_RESOURCE_LISTS,
}
_SECRET = re.compile(r"[\x21-\x7e]{32,128}")


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--made-up-people", type=click.IntRange(min=0), default=0, help="So many people, not in production.")
@click.option("--made-up-clients", type=click.IntRange(0, 99_999), default=0, help="So many clients, with one secret.")
def seed(file: Path | None, made_up_people: int, made_up_clients: int) -> None:
    """Create or update what FILE lists or the options ask for; repeating it changes nothing."""
    if file is None and not (made_up_people or made_up_clients):
        raise click.UsageError("Give a FILE, --made-up-people or --made-up-clients.")
    house = house_or_exit()
    document = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file else {}
    try:
        done = seed_house(house, document)
        done += seed_made_up_clients(house, made_up_clients)
        done += seed_people(house, made_up_people)
    except ConfigError as error:
        click.echo(f"idp: {error}", err=True)
        sys.exit(2)
    click.echo("\n".join(done) if done else "nothing to do")


def seed_house(house: House, document: Mapping[str, Any], *, clear_secrets: bool = False) -> list[str]:
    """Carry the document out and return a line for each thing done; raises ConfigError.

    `clear_secrets` lets it hold client secrets, which may be weak: for throw-away data alone.
    """
    done = [_seed_department(house, department) for department in document.get("departments", ())]
    done += [_seed_resource_server(house, server) for server in document.get("resource_servers", ())]
    done += [_seed_client(house, dict(client), clear_secrets) for client in document.get("clients", ())]
    people = document.get("people", ())
    if people and not house.settings.demo_people:
        raise ConfigError("people: demo_people is false here. Remove the section, or use another profile.")
    done += [_seed_person(house, person) for person in people]
    done += seed_register(house, document.get("register", ()))
    done += [prove_person(house, person) for person in people if person.get("verified")]
    return [line for line in done if line]


def seed_made_up_clients(house: House, count: int) -> list[str]:
    """Create the clients that are missing, and return what was done; raises ConfigError."""
    if count and not house.settings.demo_people:
        raise ConfigError("--made-up-clients: demo_people is false here. Leave the option out, or use another profile.")
    missing = [place for place in range(count) if house.protocol.clients.find(client_id(place)) is None]
    for place in missing:
        _seed_client(house, client_document(place), clear_secrets=False)
    return [f"{len(missing)} made-up clients created"] if missing else []


def _seed_department(house: House, document: Mapping[str, Any]) -> str:
    code, parent = str(document["code"]), document.get("parent")
    with house.ground.database.transaction() as session:
        if find_department(session, code) is not None:
            return f"department {code} up to date"
        above = find_department(session, str(parent)) if parent is not None else None
        if parent is not None and above is None:
            raise ConfigError(f"departments: {code}: no department has the code of its parent.")
        now, above_id = house.ground.clock.now(), above.id if above else None
        created = create_department(session, code=code, name=str(document["name"]), parent_id=above_id, at=now)
    if isinstance(created, Refused):
        raise ConfigError(f"departments: {code}: refused ({created.reason}).")
    return f"department {code} created"


def _seed_resource_server(house: House, document: Mapping[str, Any]) -> str:
    if unknown := sorted(document.keys() - _RESOURCE_MEMBERS):
        raise ConfigError(f"resource_servers: no such member: {unknown[0]}.")
    members = {name: _RESOURCE_LISTS.get(name, _same)(value) for name, value in document.items()}
    audience = str(document.get("audience", ""))
    server = ResourceServer(**{"name": audience, **members})
    if house.protocol.resources.find(audience) is None:
        house.protocol.resources.create(server)
        return f"resource server {audience} created"
    house.protocol.resources.update(server)
    return f"resource server {audience} up to date"


def _same(value: Any) -> Any:
    return value


def _seed_client(house: House, document: dict[str, Any], clear_secrets: bool) -> str:
    client_id = str(document.pop("client_id", ""))
    try:
        return _write_client(house, client_id, document, clear_secrets)
    except OAuthError as error:
        raise ConfigError(f"clients: {client_id}: {error.description}") from None


def _write_client(house: House, client_id: str, document: dict[str, Any], clear_secrets: bool) -> str:
    secret = document.pop("client_secret", None) if clear_secrets else _secret(house, document)
    approved = document.pop("approved_claims", None)
    if not isinstance(approved, Mapping | None):
        raise ConfigError(f"clients: {client_id}: approved_claims must name claims, each with its purpose.")
    rules: dict[str, Any] = {name: document.pop(name) for name in _OVERRIDES if name in document}
    if "allowed_resources" in rules:
        rules["allowed_resources"] = tuple(rules["allowed_resources"])
    overrides = Overrides(**rules)
    administration = house.protocol.administration
    present = house.protocol.clients.find(client_id)
    if present is None:
        administration.create(
            document,
            client_id=client_id,
            client_secret=secret,
            overrides=overrides,
            allow_weak_secret=clear_secrets,
        )
    else:
        administration.update(client_id, document, overrides=overrides, allow_new_sector=True)
    if approved is not None:
        house.protocol.approvals.replace(client_id, {str(name): str(text) for name, text in approved.items()})
    return f"client {client_id} {'created' if present is None else 'up to date'}"


def _secret(house: House, document: dict[str, Any]) -> str | None:
    """Return the client's secret from its file in the data directory, drawing it where it is missing."""
    if "client_secret" in document:
        raise ConfigError("clients: client_secret does not belong into a file; name a client_secret_file.")
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
        person_id = people.registration.register(
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
        if secret := person.get("totp_secret"):
            _seed_totp(house, session, person_id, str(secret))
        for held in person.get("roles", ()):
            _seed_role(house, session, person_id, held)
    return f"person {person['login_name']} created"


def _seed_totp(house: House, session: Session, person_id: str, secret: str) -> None:
    """Give a made-up person an authenticator app whose secret stands in the file for everybody to read."""
    now = house.ground.clock.now()
    try:
        code = pyotp.TOTP(secret).at(now)
    except ValueError:  # also binascii.Error
        raise ConfigError("people: a totp_secret must be base32.") from None
    house.people.totp.adopt(session, person_id, secret, code, at=now)


def _seed_role(house: House, session: Session, person_id: str, held: Mapping[str, Any]) -> None:
    name, code = str(held["role"]), str(held["department"])
    department = find_department(session, code)
    if department is None or name not in list(Role):
        raise ConfigError(f"people: no role {name} or no department {code}.")
    now = house.ground.clock.now()
    granted = grant_role(session, person_id, Role(name), department.id, by=None, at=now)
    if isinstance(granted, Refused):
        raise ConfigError(f"people: role {name} in {code} is not granted ({granted.reason}).")
