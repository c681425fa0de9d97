"""The provider in processes of its own, as operators run it: `idp run` and `idp worker`."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from tests.support.process import free_port, is_running

PATIENCE_SECONDS = 90


class ProviderProcess:
    """One `idp run` with its settings and its log in `folder`."""

    def __init__(self, folder: Path, content: dict[str, Any], **server: Any) -> None:
        self.port = free_port()
        content["server"] = {"port": self.port, "workers": 2, "threads": 2, **server}
        file = folder / "config.yaml"
        file.write_text(yaml.safe_dump(content))
        self._environment = {**os.environ, "IDP_CONFIG": str(file)}
        self.log = folder / "log"
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The server that was started last."""
        return self._server

    def start(self, *arguments: str) -> None:
        """Start it without waiting for anything."""
        self._server = self.run("run", *(arguments or ("--without-worker",)))

    def start_and_wait(self) -> None:
        """Start it and return when it is ready; raises AssertionError with the end of the log."""
        self.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(self.log.read_text(errors="replace")[-3000:])

    def run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start another idp command with the same settings and log."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "idp.cli", *arguments]
            self._started.append(
                subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, start_new_session=True)
            )
        return self._started[-1]

    def request(
        self, method: str, path: str, *, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, Any]:
        """Return status, body and headers, over a connection of its own; raises OSError or HTTPException."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=body, headers={"Connection": "close", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, Any]:
        """Return status, body and headers of a GET."""
        return self.request("GET", path, headers=headers)

    def listens(self) -> bool:
        """Tell whether anybody takes connections on the port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def family(self) -> set[int]:
        """Return the numbers of the process and of all that it started."""
        return {self.process.pid, *descendants(self.process.pid)}

    def stop(self) -> int:
        """Ask it to end and return its code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def remove(self) -> None:
        """End whatever is left of it."""
        for process in self._started:
            if process.poll() is None:
                left = descendants(process.pid)
                process.kill()
                process.wait()
                for pid in left:
                    if is_running(pid):
                        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> set[int]:
    """Return the processes that `pid` started and those that they started (Linux)."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found |= {int(child), *descendants(int(child))}
    return found


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once it holds; raises AssertionError where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
