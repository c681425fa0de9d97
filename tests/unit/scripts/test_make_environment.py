"""Which Python the environment is made with."""

import os
import subprocess
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "make_environment.sh"
# Stands in for an interpreter: is asked for its version and for venv, and told to make the environment.
_INTERPRETER = """\
#!/bin/sh
case "$2" in
    *version_info*) exit {old} ;;
    *ensurepip*) exit {bare} ;;
    venv) echo "$0" > {made} ;;
esac
"""


class Machine:
    """A machine with the interpreters that a test gives it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = folder / "made"

    def has(self, name: str, *, is_old: bool = False, is_bare: bool = False) -> str:
        """Put an interpreter there and return its path; a bare one has no venv."""
        path = self._folder / name
        path.write_text(_INTERPRETER.format(old=int(is_old), bare=int(is_bare), made=self._made))
        path.chmod(0o755)
        return str(path)

    def make(self, wanted: str = "") -> subprocess.CompletedProcess[str]:
        """Run the script as `make` does."""
        # /bin/sh is named in full, so that no interpreter of the real machine can be found.
        environment = {"PATH": str(self._folder), "SYSTEM_PYTHON": str(self._folder / "system")}
        command = ["/bin/sh", str(_SCRIPT), wanted, str(self._folder / "venv")]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)

    @property
    def made_with(self) -> str:
        """The interpreter that made the environment."""
        return os.path.basename(self._made.read_text().strip()) if self._made.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_systems_python_is_taken_before_one_of_the_path(machine: Machine) -> None:
    machine.has("system")
    machine.has("python3")
    assert machine.make().returncode == 0
    assert machine.made_with == "system"


@pytest.mark.parametrize("lack", [{"is_old": True}, {"is_bare": True}])
def test_a_systems_python_that_will_not_do_is_passed_over(machine: Machine, lack: dict[str, bool]) -> None:
    machine.has("system", **lack)
    machine.has("python3", is_old=True)
    machine.has("python3.12")
    assert machine.make().returncode == 0
    assert machine.made_with == "python3.12"


def test_the_one_that_was_named_is_taken(machine: Machine) -> None:
    machine.has("system")
    assert machine.make(machine.has("mine")).returncode == 0
    assert machine.made_with == "mine"


def test_a_named_one_that_is_too_old_is_replaced_and_said(machine: Machine) -> None:
    machine.has("system")
    result = machine.make(machine.has("mine", is_old=True))
    assert result.returncode == 0
    assert "taking" in result.stdout and machine.made_with == "system"


def test_none_at_all_says_what_is_needed(machine: Machine) -> None:
    machine.has("python3", is_old=True)
    result = machine.make()
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed" in result.stderr and "make PYTHON=" in result.stderr


def test_a_python_without_venv_names_the_package(machine: Machine) -> None:
    machine.has("python3", is_bare=True)
    result = machine.make()
    assert result.returncode == 1
    assert "python3-venv" in result.stderr and machine.made_with == ""
