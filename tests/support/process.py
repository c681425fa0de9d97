"""Server processes of the tests: start and wait until they answer, stop, kill."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 20
PAUSE_SECONDS = 0.02

# A server shared by the run outlives the worker that started it. Its Popen is kept here, because one that
# is collected while the process lives warns, and warnings are errors.
_started: list[subprocess.Popen[bytes]] = []


class ServerFailed(Exception):
    """A server did not start; the text ends with the last lines of its log."""


class ServerProcess:
    """A command that serves until it is stopped; it can be started again.

    `identity` names another user, in the words of `subprocess.Popen`.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        is_ready: Callable[[], bool],
        stop_signal: signal.Signals = signal.SIGTERM,
        identity: Mapping[str, Any] | None = None,
    ) -> None:
        self._command = list(command)
        self._log = log
        self._is_ready = is_ready
        self._stop_signal = stop_signal
        self._identity = dict(identity or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's number; raises ServerFailed where it was never started."""
        if self._process is None:
            raise ServerFailed("not started")
        return self._process.pid

    def start(self) -> None:
        """Start and return when the server answers; raises ServerFailed."""
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal reaches pytest, which stops the servers in order.
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._identity,
            )
        _started.append(self._process)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                tail = self._log.read_text(errors="replace").splitlines()[-8:]
                raise ServerFailed("\n".join([f"{self._command[0]} did not start:", *tail]))
            time.sleep(PAUSE_SECONDS)

    def stop(self, how: signal.Signals | None = None) -> None:
        """Ask the server to end, by its own signal or another, and wait for it; nothing where it does not run."""
        self._end(how or self._stop_signal)

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    fields = _status(pid)
    return not fields or fields[0] != "Z"


def birth(pid: int) -> str:
    """Return when a process began: together with its number this names it for good. Empty: there is none."""
    fields = _status(pid)
    if fields:
        return fields[19]
    if Path("/proc/self").exists():
        return ""
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def stop_by_pid(pid: int) -> None:
    """Ask a process that another one started to end, and kill it where it does not."""
    for how in (signal.SIGINT, signal.SIGKILL):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + STOP_SECONDS
        while is_running(pid) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        if not is_running(pid):
            return


def _status(pid: int) -> list[str]:
    """Return what Linux tells of a process from its state on (proc(5), `stat` from field 3), else nothing."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
