"""Child processes: started, awaited, and ended by their own number, whatever happens to this one."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 90
STOP_SECONDS = 20


class BenchFailed(Exception):
    """The run cannot go on; the text says why."""


class Child:
    """A server of this run's own."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", *, stop_signal: signal.Signals) -> None:
        self.name = name
        self._process = process
        self._stop_signal = stop_signal

    @property
    def pid(self) -> int:
        """The number of its first process."""
        return self._process.pid

    def is_running(self) -> bool:
        """Tell whether it still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Ask it to end, and end it where it does not."""
        if not self.is_running():
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    is_ready: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    identity: Mapping[str, Any] | None = None,
) -> Child:
    """Start a server and return it when it answers; raises BenchFailed."""
    with log.open("ab") as output:
        # A session of its own: Ctrl-C reaches this process alone, which then stops its servers in order.
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if environment is None else dict(environment),
            cwd=folder,
            start_new_session=True,
            **(identity or {}),
        )
    child = Child(name, process, stop_signal=stop_signal)
    try:
        _await(child, log, is_ready)
    except BaseException:
        child.stop()
        raise
    return child


def run(
    name: str,
    command: Sequence[str],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    identity: Mapping[str, Any] | None = None,
) -> str:
    """Run a command to its end and return what it printed; raises BenchFailed."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=None if environment is None else dict(environment),
            cwd=folder,
            **(identity or {}),
        )
    except subprocess.TimeoutExpired:
        raise BenchFailed(f"{name} took more than {seconds:.0f} seconds") from None
    if done.returncode:
        raise BenchFailed(f"{name} failed: {(done.stderr or done.stdout).strip()[-800:]}")
    printed: str = done.stdout
    return printed


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Tell whether somebody listens on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without settings of the provider or of Node, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IDP_", "NODE_"))}
    return {**kept, **extra}


def _await(child: Child, log: Path, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if not child.is_running() or time.monotonic() > deadline:
            tail = log.read_text(errors="replace").splitlines()[-8:]
            raise BenchFailed("\n".join([f"{child.name} did not start:", *tail]))
        time.sleep(0.05)
