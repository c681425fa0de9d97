"""The one folder that all workers of a test run share, and the clearing up of what earlier runs left.

The process that started the run makes the folder and removes it; workers are told its path. A server
that is started for the whole run leaves `<name>.json` there, with its pid and birth, by which it is stopped.
"""

import fcntl
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_memory import MEMORY, work_in_memory
from tests.support.process import birth, is_running, stop_by_pid

FOLDER = pytest.StashKey[Path]()
PREFIX = "yihao-tests-"


def run_folder_of(config: pytest.Config) -> Path:
    """Return the folder shared by all workers of this run."""
    return config.stash[FOLDER]


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Hold a lock across all workers of the run."""
    with (folder / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def once_per_run(folder: Path, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what `make` gave to the first worker that asked; it runs once in the run.

    Raises RuntimeError where it failed, for every worker, without trying again.
    """
    with locked(folder, name):
        record = folder / f"{name}.json"
        if not record.exists():
            try:
                made = make()
            except Exception as error:
                record.write_text(json.dumps({"error": str(error)}))
                raise
            record.write_text(json.dumps(made))
        content: dict[str, Any] = json.loads(record.read_text())
    if "error" in content:
        raise RuntimeError(content["error"])
    return content


def note(folder: Path, line: str) -> None:
    """Say in the summary of the run which server was used."""
    with locked(folder, "notes"), (folder / "notes").open("a") as notes:
        notes.write(line + "\n")


def notes_of(folder: Path) -> list[str]:
    """Return the noted lines, each once."""
    path = folder / "notes"
    return sorted(set(path.read_text().splitlines())) if path.exists() else []


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Make the folder, or take the one that the controller names."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[FOLDER] = Path(workerinput["run_folder"])
        return
    _sweep()
    work_in_memory()
    config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which folder the run shares (called by pytest-xdist)."""
    node.workerinput["run_folder"] = str(run_folder_of(node.config))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's servers and remove its folder: in the process that made it, after all workers."""
    if hasattr(config, "workerinput") or FOLDER not in config.stash:
        return
    _stop_servers(config.stash[FOLDER])
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


def _stop_servers(folder: Path) -> None:
    for record in folder.glob("*.json"):
        content = json.loads(record.read_text())
        # The number may have been given to somebody else's process since.
        if "pid" in content and content["born"] == birth(content["pid"]):
            stop_by_pid(content["pid"])


def _sweep() -> None:
    """Stop and remove what runs left that were killed before they could clear up."""
    places = {Path(tempfile.gettempdir()), MEMORY}
    for folder in itertools.chain.from_iterable(place.glob(f"{PREFIX}*-*") for place in places):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if not owner.isascii() or not owner.isdecimal() or is_running(int(owner)):
            continue
        if folder.stat().st_uid == os.geteuid():
            _stop_servers(folder)
            shutil.rmtree(folder, ignore_errors=True)
