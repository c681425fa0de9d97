"""The demo's card reader: its made-up cards, and its enrolment through the provider's own command."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import yaml

from demo.children import ChildFailed, Children
from demo.simulators.cards import Card

#: The department of the seed file whose counter it stands at.
_DEPARTMENT = "demo-hall"
_OFFICE, _LABEL = "演示窗口", "读卡器（模拟）"
_INVITE_SECONDS = 60
#: Where the provider runs too, so that both read the same settings.
_REPOSITORY = Path(__file__).resolve().parent.parent
_EXPIRED = "20231231"


def demo_cards(seed: Path) -> list[Card]:
    """Return a card for everybody in the seed file's register, and one that has expired."""
    rows = yaml.safe_load(seed.read_text(encoding="utf-8"))["register"]
    cards = [_card(row) for row in rows]
    first = cards[0]
    return [*cards, Card(first.number, first.name, valid_until=_EXPIRED, note=("已过期", "An expired card"))]


def start_reader(
    port: int, seed: Path, data: Path, issuer: str, command: str, environment: Mapping[str, str], children: Children
) -> None:
    """Start the reader, with a one-time code where it was never enrolled; raises ChildFailed.

    The provider must be up: the code is asked of its command, and shown to it at once.
    """
    folder = data / "reader"
    settings = {
        "issuer": issuer,
        "folder": str(folder),
        "cards": [asdict(card) for card in demo_cards(seed)],
        "code": "" if (folder / "device.json").exists() else _invitation(command, environment),
    }
    arguments = [sys.executable, "-m", "demo.simulators.card_reader", "--port", str(port)]
    children.start("reader", arguments, dict(os.environ), given=json.dumps(settings))


def _invitation(command: str, environment: Mapping[str, str]) -> str:
    arguments = [command, "device", "invite", "--department", _DEPARTMENT, "--office", _OFFICE, "--label", _LABEL]
    try:
        invited = subprocess.run(
            arguments,
            cwd=_REPOSITORY,
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=_INVITE_SECONDS,
            check=True,
            start_new_session=True,  # a Ctrl-C reaches only the runner
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ChildFailed(f"读卡器未能登记 / the reader got no invitation ({type(error).__name__})") from error
    return invited.stdout.strip()


def _card(row: Mapping[str, object]) -> Card:
    number, name = str(row["number"]), str(row["name"])
    if number.isdigit() and number.startswith("9"):
        return Card(number, "", name, "20240101", "20331231", ("外国人，2023 版", "A foreigner, layout of 2023"))
    if number[:3].isalpha():
        return Card(number, "", name, "20230601", "20330531", ("外国人，2017 版", "A foreigner, layout of 2017"))
    if "valid_until" in row:
        until = str(row["valid_until"]).replace("-", "")
        return Card(number, name, valid_until=until, note=("港澳台居民居住证", "A residence permit"))
    return Card(number, name, note=_note(row))


def _note(row: Mapping[str, object]) -> tuple[str, str]:
    if "deceased_on" in row:
        return "登记为已故", "Registered as deceased"
    if "guardians" in row:
        return "未成年人", "A minor"
    if "former_names" in row:
        return "罕用字，曾用名", "A rare character, and a former name"
    return "", ""
