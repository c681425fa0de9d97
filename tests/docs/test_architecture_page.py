"""docs/architecture.md names every room, floor and table that there is, and no other."""

import re
import tomllib
from pathlib import Path

import pytest

import migrations.metadata  # noqa: F401 - loads every room's tables
from idp.storage.base import Base

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (_ROOT / "docs" / "architecture.md").read_text("utf-8")
_LAYERS: list[str] = next(
    contract["layers"]
    for contract in tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    if contract["type"] == "layers"
)
_CONTRACT = {name.strip(" ()") for layer in _LAYERS for name in re.split(r"[|:]", layer)}


def _section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", _PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found.group(1)


def _first_cells(section: str) -> list[str]:
    """Return what stands in backticks in the first column of a section's table."""
    rows = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def _exists(room: str) -> bool:
    path = _ROOT / room.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_every_room_of_the_contract_is_described() -> None:
    """A room that the contract names stands in the table, or among the planned ones where there is none yet."""
    described = {name.replace("/", ".") for name in _first_cells(_section("Rooms"))}
    paragraph = re.search(r"^Planned,.*?\n\n", _section("Rooms"), re.MULTILINE | re.DOTALL)
    planned = {name.replace("/", ".") for name in re.findall(r"`([^`]+)`", paragraph.group())} if paragraph else set()
    assert described | planned == _CONTRACT
    assert {room for room in described if not _exists(room)} == set()
    assert {room for room in planned if _exists(room)} == set()


def test_every_package_is_in_the_contract() -> None:
    """No room stands outside the floors."""
    packages = {f"idp.{path.parent.name}" for path in (_ROOT / "idp").glob("*/__init__.py")}
    packages |= {f"realname.{path.parent.name}" for path in (_ROOT / "realname").glob("*/__init__.py")}
    assert packages - _CONTRACT == set()


def test_the_floors_are_those_of_the_contract() -> None:
    """The floors on the page stand in the contract's order."""
    block = re.search(r"```floors\n(.*?)```", _PAGE, re.DOTALL)
    assert block is not None
    assert block.group(1).strip().splitlines() == _LAYERS


def test_every_table_is_described() -> None:
    """The table of tables names each one, and none that is not there."""
    described = _first_cells(_section("Data"))
    assert sorted(described) == sorted(Base.metadata.tables)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.py)?)`", _PAGE))))
def test_every_path_exists_or_is_planned(name: str) -> None:
    """A file or room in the text is one that can be opened, unless the page calls it planned."""
    planned = re.search(r"^Planned,.*?\n\n", _section("Rooms"), re.MULTILINE | re.DOTALL)
    assert (_ROOT / name).exists() or _exists(name) or (planned and f"`{name}`" in planned.group())
