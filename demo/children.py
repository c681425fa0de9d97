"""The processes that the demo starts, follows and stops; never any other."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.2
GRACE_SECONDS = 15


class ChildFailed(Exception):
    """A child ended that should not have; the text names it and shows the end of its log."""


@dataclass(frozen=True, slots=True)
class Child:
    """One started process and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def failure(self) -> ChildFailed:
        """Return what to tell about its end."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
        tail = "\n".join(f"  | {line}" for line in lines)
        return ChildFailed(
            f"{self.name} 已退出（代码 {self.process.returncode}）/ "
            f"{self.name} ended (code {self.process.returncode}). {self.log}:\n{tail}"
        )


class Children:
    """Starts processes in sessions of their own, so that a Ctrl-C reaches only the runner."""

    def __init__(self, *, logs: Path, directory: Path, stop: threading.Event) -> None:
        self._logs = logs
        self._directory = directory
        self._stop = stop
        self._running: list[Child] = []

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, given: str = "") -> Child:
        """Start a process whose output goes to a log file of its own; raises ChildFailed.

        `given` is what it reads from its standard input: what is in a command line everybody can see.
        """
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            os.chmod(log, 0o600)
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self._directory,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ChildFailed(f"无法启动 / cannot start: {command[0]} ({error.strerror})") from error
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        # One that ended already does not read; what became of it is told by `check`.
        with suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(given.encode())
        child = Child(name, process, log)
        self._running.append(child)
        return child

    def check(self) -> None:
        """Raise ChildFailed if a started process is no longer alive."""
        for child in self._running:
            if child.process.poll() is not None:
                raise child.failure()

    def stop(self, *, grace_seconds: float = GRACE_SECONDS) -> None:
        """Ask every living child to end, the last started first, and end it after the grace."""
        for child in reversed(self._running):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + grace_seconds
        for child in reversed(self._running):
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its group has its own pid as number (start_new_session): only what it started itself.
                with suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self._running.clear()
