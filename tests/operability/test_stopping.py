"""Whoever is told to stop does so in order, at whatever moment: code 0, the port free, no process left."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditCounter, AuditEvent
from idp.config.settings import Settings
from idp.house.ground import open_database
from tests.support.process import free_port, is_running
from tests.support.provider_process import ProviderProcess, wait_until
from tests.support.site import prepare
from tests.support.tools import CHECKOUT

#: What a service manager is asked to grant.
MOST_SECONDS = 30
#: Counted from the moment at which the process takes signals, a few milliseconds after it began.
MOMENTS = (0.0, 0.2, 1.0, 2.0, 3.0)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[ProviderProcess]:
    """An embedded provider that is not started yet."""
    made = ProviderProcess(tmp_path, {"data_dir": str(tmp_path / "data")}, workers=1)
    yield made
    made.remove()


def _takes_signals(pid: int) -> bool:
    """Tell whether the process has a handler for SIGTERM (proc(5), SigCgt)."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def _session_of(leader: int) -> set[int]:
    """Return the living processes of the session that `leader` began, zombies left out."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def _end(process: "subprocess.Popen[bytes]", how: signal.Signals, *, group: bool = False) -> int:
    """Tell it, or its whole group as a terminal and service managers do; return its code within the time."""
    os.killpg(process.pid, how) if group else process.send_signal(how)
    return process.wait(MOST_SECONDS)


def _is_gone(leader: int) -> None:
    """Wait for what ends by itself once its parent has: multiprocessing's tracker of resources."""
    wait_until(lambda: _session_of(leader) == set(), seconds=5)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("after", MOMENTS)
def test_the_server_stops_while_it_starts(provider: ProviderProcess, after: float) -> None:
    """Importing, making its keys, forking its workers or just serving."""
    provider.start("--with-worker")
    wait_until(lambda: _takes_signals(provider.process.pid))
    time.sleep(after)
    assert _end(provider.process, signal.SIGTERM) == 0, provider.log.read_text()
    _is_gone(provider.process.pid)
    assert _is_free(provider.port)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", [1.0, 2.0, None])
def test_the_server_stops_with_its_whole_group(
    provider: ProviderProcess, after: float | None, how: signal.Signals
) -> None:
    """A service manager's SIGTERM and a terminal's Ctrl-C reach the workers as well; that is no crash."""
    provider.start("--with-worker")
    wait_until(lambda: _takes_signals(provider.process.pid))
    time.sleep(after) if after is not None else wait_until(provider.listens)
    assert _end(provider.process, how, group=True) == 0, provider.log.read_text()
    _is_gone(provider.process.pid)
    assert _is_free(provider.port)


def test_what_was_counted_is_written_when_the_server_stops(provider: ProviderProcess, tmp_path: Path) -> None:
    """Refusals are counted for up to a minute before they are written; a stop writes them."""
    provider.start_and_wait()
    body = "grant_type=authorization_code&code=x&client_id=nobody&client_secret=wrong"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    statuses = [provider.request("POST", "/oauth/token", body=body, headers=headers)[0] for _ in range(4)]
    assert statuses == [401] * 4
    assert provider.stop() == 0
    database = open_database(Settings(data_dir=tmp_path / "data"))
    with database.read() as session:
        told = session.scalar(sa.select(sa.func.sum(AuditEvent.count)).where(AuditEvent.event == "request.refused"))
        counted = session.scalar(sa.select(sa.func.sum(AuditCounter.count)))
    database.close()
    assert (told, counted) == (1, 3)


@pytest.mark.parametrize("after", MOMENTS)
def test_the_worker_stops_while_it_starts(provider: ProviderProcess, tmp_path: Path, after: float) -> None:
    """`idp worker` ends with code 0 whenever it is told to."""
    prepare(tmp_path / "data")
    worker = provider.run("worker")
    wait_until(lambda: _takes_signals(worker.pid))
    time.sleep(after)
    assert _end(worker, signal.SIGTERM) == 0, provider.log.read_text()
    _is_gone(worker.pid)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", [0.0, 1.0, 3.0, None])
def test_the_demo_stops(tmp_path: Path, after: float | None, how: signal.Signals) -> None:
    """`make run` ends with code 0 by SIGTERM and Ctrl-C, while it starts and when it serves, with all that it began."""
    ports = [free_port() for _ in range(6)]
    command = [sys.executable, "-m", "demo.run", "--data", str(tmp_path / "demo"), "--port", str(ports[0])]
    command += ["--portal-port", str(ports[1]), "--appointments-port", str(ports[2])]
    command += ["--faces-port", str(ports[3]), "--reader-port", str(ports[4]), "--network-port", str(ports[5])]
    log = tmp_path / "log"
    with log.open("wb") as output:
        demo = subprocess.Popen(command, cwd=CHECKOUT, stdout=output, stderr=output, start_new_session=True)
    try:
        wait_until(lambda: _takes_signals(demo.pid))
        if after is None:
            wait_until(lambda: f"http://127.0.0.1:{ports[1]}" in log.read_text())
        else:
            time.sleep(after)
        children = _children(demo.pid)
        assert _end(demo, how, group=True) == 0, log.read_text()
    finally:
        demo.kill()
        demo.wait()
    # They are in sessions of their own, each with what it started itself.
    for child in children:
        _is_gone(child)
    assert not any(is_running(pid) for pid in children)
    assert all(_is_free(port) for port in ports)


def _children(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def test_a_fork_hears_what_it_was_told_before_it_listened() -> None:
    """Between the fork and its first own step a child has its parent's handlers; what comes then is kept."""
    script = (
        "import os, signal\n"
        "from idp.cli.stopping import hear_stops, hold_stops_in_forks\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "hold_stops_in_forks()\n"
        "if os.fork() == 0:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('held', flush=True)\n"
        "    hear_stops()\n"
        "    print('not reached', flush=True)\n"
        "else:\n"
        "    print('code', os.waitstatus_to_exitcode(os.wait()[1]), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('the parent goes on', flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert done.stdout.splitlines() == ["held", "code 0", "the parent goes on"], done.stderr


def _leaves_saying(script: str) -> str:
    """Run a script that tells itself to stop, see that it leaves with code 0, and return what it printed."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=CHECKOUT)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "amid", ["weakref.finalize(thing, stop)", "kept = weakref.ref(thing, lambda _: stop())"], ids=["end", "reference"]
)
def test_a_stop_amid_what_swallows_exceptions_is_not_lost(amid: str) -> None:
    """Python drops what is raised while an object is done away with; the process leaves all the same."""
    script = (
        "import os, signal, time, weakref\n"
        "from idp.cli.stopping import leave_when_told\n"
        "class Thing: pass\n"
        "def stop(): os.kill(os.getpid(), signal.SIGTERM)\n"
        "leave_when_told()\n"
        "thing = Thing()\n"
        f"{amid}\n"
        "del thing\n"
        f"time.sleep({MOST_SECONDS})\n"
        "print('still there')\n"
    )
    assert _leaves_saying(script) == ""


@pytest.mark.parametrize("act", ["os.kill(os.getpid(), signal.SIGTERM)", "1 / 0"], ids=["stop", "fault"])
def test_a_stop_amid_the_making_of_a_class_is_no_fault(act: str) -> None:
    """Python wraps what is raised there; a stop ends with code 0 without a word, and a fault stays one."""
    script = (
        "import os, signal, time\n"
        "from idp.cli import __main__ as command\n"
        "from idp.cli.stopping import leave_when_told\n"
        "class Field:\n"
        "    def __set_name__(self, owner, name):\n"
        f"        {act}\n"
        f"        time.sleep({MOST_SECONDS})\n"
        "def import_it():\n"
        "    leave_when_told()\n"
        "    class Thing:\n"
        "        field = Field()\n"
        "command._command = import_it\n"
        "command.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=CHECKOUT)
    is_fault = act == "1 / 0"
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (int(is_fault), is_fault), done.stderr
    assert is_fault or done.stderr == ""


def test_a_stop_that_somebody_catches_is_not_lost() -> None:
    """Code that catches every exception takes the stop for a fault of its own; the process ends all the same."""
    script = (
        "import os, signal, time\n"
        "from idp.cli import stopping\n"
        "stopping._MOST_SECONDS = 0.3\n"
        "stopping.leave_when_told()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        f"    time.sleep({MOST_SECONDS})\n"
        "except BaseException:\n"
        "    print('caught', flush=True)\n"
        f"time.sleep({MOST_SECONDS})\n"
        "print('still there')\n"
    )
    assert _leaves_saying(script) == "caught\n"


def test_a_stop_that_comes_while_the_worker_begins_to_wait_is_heard() -> None:
    """Whoever waits holds the event's lock for a moment; so does who sets it for an earlier signal."""
    script = (
        "import os, signal, threading\n"
        "from idp.cli.stopping import set_when_told\n"
        "stop = threading.Event()\n"
        "set_when_told(stop)\n"
        "with stop._cond:\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        f"print(stop.wait({MOST_SECONDS}))\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT, timeout=MOST_SECONDS)
    assert done.stdout == "True\n", done.stderr


def test_a_worker_process_that_does_not_end_is_ended(provider: ProviderProcess) -> None:
    """One that hears nothing any more holds up the stop for less than what supervisors wait."""
    provider.start_and_wait()
    (child,) = _children(provider.process.pid)
    os.kill(child, signal.SIGSTOP)
    assert _end(provider.process, signal.SIGTERM) == 0, provider.log.read_text()
    _is_gone(provider.process.pid)
