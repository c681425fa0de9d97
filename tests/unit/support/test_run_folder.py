"""The folder that the workers of a run share."""

import subprocess
import sys
import tempfile

import pytest

from tests.support.process import birth, is_running
from tests.support.run_folder import PREFIX, _sweep, note, notes_of, once_per_run


def test_runs_once(tmp_path):
    """The second worker gets what the first one made."""
    calls = []

    def make():
        calls.append(1)
        return {"made": len(calls)}

    assert once_per_run(tmp_path, "thing", make) == once_per_run(tmp_path, "thing", make) == {"made": 1}


def test_failure_is_remembered(tmp_path):
    """What failed for the first worker fails for the second without another try."""

    def make():
        raise LookupError("broken")

    with pytest.raises(LookupError):
        once_per_run(tmp_path, "thing", make)
    with pytest.raises(RuntimeError, match="broken"):
        once_per_run(tmp_path, "thing", dict)


def test_notes_are_said_once(tmp_path):
    """A line noted by two workers is one line of the summary."""
    for line in ("b", "a", "b"):
        note(tmp_path, line)
    assert notes_of(tmp_path) == ["a", "b"]


@pytest.fixture
def sleeper():
    """A process that stays until it is ended."""
    process = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def ended():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def leave_run(folder, owner, pid, born):
    """Leave what a run leaves that was killed."""
    left = folder / f"{PREFIX}{owner}-abc"
    left.mkdir()
    (left / "redis.json").write_text(f'{{"pid": {pid}, "born": "{born}"}}')
    return left


def test_servers_of_killed_run_are_stopped(tmp_path, monkeypatch, sleeper, ended):
    """A run that begins stops the servers of one that was killed, and removes its folder."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    left = leave_run(tmp_path, ended, sleeper.pid, birth(sleeper.pid))
    _sweep()
    assert not is_running(sleeper.pid)
    assert not left.exists()


def test_reused_number_is_left_alone(tmp_path, monkeypatch, sleeper, ended):
    """A process that has the number of a former server, but began later, is not touched."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    leave_run(tmp_path, ended, sleeper.pid, "another time")
    _sweep()
    assert is_running(sleeper.pid)


def test_run_going_on_is_left_alone(tmp_path, monkeypatch, sleeper):
    """The servers of a run that still goes on are not touched."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    left = leave_run(tmp_path, sleeper.pid, sleeper.pid, birth(sleeper.pid))
    _sweep()
    assert is_running(sleeper.pid)
    assert left.exists()
