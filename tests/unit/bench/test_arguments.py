"""What the command takes, and what it refuses before anything is started."""

import ast
import json
import re
from pathlib import Path

import pytest

import bench
from bench.__main__ import read_arguments
from bench.rows import ALL_ROWS

FOLDER = Path(bench.__file__).parent


def test_the_shipped_size() -> None:
    """Without arguments the run has the size that the requirement names."""
    options, _ = read_arguments([])
    assert (options.people, options.clients, options.rows) == (100_000, 1_000, ALL_ROWS)


def test_chosen_rows_keep_their_order() -> None:
    """Rows are measured in the order of the table."""
    assert read_arguments(["--only", "refresh,jwks"])[0].rows == ("jwks", "refresh")


@pytest.mark.parametrize(
    "given",
    [
        ["--only", "speed"],
        ["--seconds", "0"],
        ["--seconds", "600"],
        ["--concurrency", "60"],
        ["--people", "1"],
        ["--register", "0"],
        ["--register", "20000000"],
    ],
)
def test_nonsense(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown row, a run without end, more logins than one address may have: a usage error."""
    with pytest.raises(SystemExit) as ended:
        read_arguments(given)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_no_room_is_imported() -> None:
    """The bench measures from outside: it imports nothing of the provider.

    What measures merging does: the steps of a worker have no outside.
    """
    rooms = {"idp", "clients", "connectors", "realname", "admin", "migrations", "demo", "tests"}
    for path in FOLDER.glob("*.py"):
        if path.name.startswith("legacy_"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & rooms, path.name


def test_the_peer_is_pinned() -> None:
    """The peer's packages are exact versions, hashed, and their lock names no address."""
    named = json.loads((FOLDER / "peer" / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"[0-9]+(\.[0-9]+){2}", version) for version in named.values())
    packages = json.loads((FOLDER / "peer" / "package-lock.json").read_text())["packages"]
    entries = [entry for name, entry in packages.items() if name]
    assert entries
    assert all("integrity" in entry and "resolved" not in entry for entry in entries)
