"""The demo's seed file and client secrets, written into the data directory."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).resolve().parent / "seed.yaml"
#: The addresses that the template holds, which are also the runner's defaults.
DEFAULT_PORTAL_URL = "http://127.0.0.1:5001"
DEFAULT_APPOINTMENTS_URL = "http://127.0.0.1:5002"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A made-up person, as printed to whoever tries the demo."""

    name: str
    login_name: str
    mobile: str
    password: str
    number: str


@dataclass(frozen=True, slots=True)
class DemoClerk:
    """A made-up clerk, with the secret of their authenticator app."""

    name: str
    login_name: str
    password: str
    totp_secret: str


def write_seed(data: Path, *, portal_url: str, appointments_url: str) -> Path:
    """Write the seed file with these addresses and draw missing client secrets; return its path."""
    addresses = {DEFAULT_PORTAL_URL: portal_url, DEFAULT_APPOINTMENTS_URL: appointments_url}
    # Both at once: one after the other would mix them up when their ports are swapped.
    text = re.sub(
        "|".join(re.escape(default) + r"(?![0-9])" for default in addresses),
        lambda found: addresses[found.group()],
        TEMPLATE.read_text(encoding="utf-8"),
    )
    for client in yaml.safe_load(text)["clients"]:
        _draw_secret(data / client["client_secret_file"])
    target = data / "seed.yaml"
    target.unlink(missing_ok=True)
    _write_private(target, text)
    return target


def demo_people(seed: Path) -> list[DemoPerson]:
    """Return the citizens of a seed file."""
    return [
        DemoPerson(
            name=person["name"],
            login_name=person["login_name"],
            mobile=person["mobile"],
            password=person["password"],
            number=str(person["number"]),
        )
        for person in _people(seed)
        if "roles" not in person
    ]


def demo_clerks(seed: Path) -> list[DemoClerk]:
    """Return the people of a seed file who hold a role."""
    return [
        DemoClerk(
            name=person["name"],
            login_name=person["login_name"],
            password=person["password"],
            totp_secret=person["totp_secret"],
        )
        for person in _people(seed)
        if "roles" in person
    ]


def _people(seed: Path) -> list[dict[str, Any]]:
    document: dict[str, Any] = yaml.safe_load(seed.read_text(encoding="utf-8"))
    people: list[dict[str, Any]] = document["people"]
    return people


def _draw_secret(path: Path) -> None:
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(32) + "\n")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
