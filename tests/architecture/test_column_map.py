"""docs/data-map.yaml names every column of every table, and nothing that is not there."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from idp.storage.base import Base
from migrations.metadata import metadata

_ROOT = Path(__file__).resolve().parents[2]
_MAP: dict[str, Any] = yaml.safe_load((_ROOT / "docs" / "data-map.yaml").read_text("utf-8"))
_RULES = ("retention", "export", "erase")


def _entry(table: str, column: str) -> dict[str, Any]:
    """Return what the map says of a column, with its table's words where it has none of its own."""
    said = _MAP["tables"][table]
    of_column = said["columns"][column]
    own = of_column if isinstance(of_column, dict) else {"purpose": of_column}
    return {**{name: said[name] for name in ("room", *_RULES)}, **own}


def _entries() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{table}.{column}", _entry(table, column))
        for table, said in _MAP["tables"].items()
        for column in said["columns"]
    ]


def test_every_column_is_mapped_and_none_is_stale() -> None:
    """A column without entry, and an entry without column, fail alike."""
    tables = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    assert {name for name, _ in _entries()} == tables


def test_every_entry_is_whole() -> None:
    """Each column has an owner, a purpose and rules that the map itself explains."""
    for name, entry in _entries():
        assert set(entry) == {"room", "purpose", *_RULES}, name
        assert isinstance(entry["purpose"], str) and entry["purpose"], name
        for rule in _RULES:
            assert entry[rule] in _MAP[rule], f"{name}: {rule} {entry[rule]!r} is not explained"


def test_every_rule_is_used() -> None:
    """No word is explained that no column bears."""
    for rule in _RULES:
        assert {entry[rule] for _, entry in _entries()} == set(_MAP[rule])


def test_the_owner_is_the_room_of_the_model() -> None:
    """The room named is the package whose models.py declares the table."""
    declared = {mapper.local_table.name: mapper.class_.__module__ for mapper in Base.registry.mappers}
    for table, said in _MAP["tables"].items():
        assert declared[table].rpartition(".")[0] == said["room"], table


def test_what_is_under_the_persons_key_goes_with_it() -> None:
    """Ciphertexts of persons are erased with their key; nothing in clear is said to be."""
    for name, entry in _entries():
        table, column = name.split(".")
        is_bytes = isinstance(metadata.tables[table].c[column].type, sa.LargeBinary)
        assert entry["erase"] != "key" or is_bytes, name
