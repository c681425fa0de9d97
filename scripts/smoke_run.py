"""Checks `make run` as a newcomer meets it: started, answering, stopped, and quicker the second time.

Uses ports and data of its own. Ends with 1 and the output of `make run` where something is wrong.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
FIRST_START_SECONDS = 300
SECOND_START_SECONDS = 10
STOP_SECONDS = 30
PAUSE_SECONDS = 0.1
# The machine's proxy does not lead to loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SmokeFailed(Exception):
    """`make run` did not do what it promises."""


def main() -> int:
    """Start and stop the demo twice; return 0 where all went well."""
    with tempfile.TemporaryDirectory(prefix="yihao-smoke-") as folder:
        data, log = Path(folder) / "data", Path(folder) / "output"
        try:
            for name, limit in (("first", FIRST_START_SECONDS), ("second", SECOND_START_SECONDS)):
                seconds = start_and_stop(_free_ports(), data=data, log=log, limit=limit)
                print(f"make run, {name} start: answered after {seconds:.1f} s")
        except SmokeFailed as failure:
            print(log.read_text(errors="replace"), file=sys.stderr)
            print(f"make run: {failure}", file=sys.stderr)
            return 1
    return 0


def start_and_stop(ports: list[int], *, data: Path, log: Path, limit: int) -> float:
    """Return after how many seconds all three answered; raises SmokeFailed."""
    provider, portal, appointments, faces, reader, network = ports
    arguments = f"--port {provider} --portal-port {portal} --appointments-port {appointments} --faces-port {faces}"
    arguments += f" --reader-port {reader} --network-port {network} --data {data}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run", f"ARGS={arguments}"],
            cwd=CHECKOUT,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        seconds = _wait_until_answering(process, ports, limit)
    finally:
        _stop(process)
    still = [port for port in ports if _listens(port)]
    if still:
        raise SmokeFailed(f"stopped, but somebody still listens on {still}")
    return seconds


def _wait_until_answering(process: subprocess.Popen[bytes], ports: list[int], limit: int) -> float:
    waiting = [f"http://{HOST}:{ports[0]}/.well-known/openid-configuration"]
    waiting += [f"http://{HOST}:{port}/healthz" for port in ports[1:]]
    start = time.monotonic()
    while waiting:
        waiting = [address for address in waiting if not _answers(address)]
        passed = time.monotonic() - start
        if process.poll() is not None:
            raise SmokeFailed(f"ended by itself with {process.returncode}")
        if passed > limit:
            raise SmokeFailed(f"no answer after {limit} s from {waiting}")
        time.sleep(PAUSE_SECONDS)
    return passed


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group that we started, as closing the terminal would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise SmokeFailed(f"did not stop within {STOP_SECONDS} s") from error
    deadline = time.monotonic() + STOP_SECONDS
    while _group_lives(process.pid) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _answers(address: str) -> bool:
    try:
        with OPENER.open(address, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _free_ports() -> list[int]:
    sockets = [socket.socket() for _ in range(6)]
    for each in sockets:
        each.bind((HOST, 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


if __name__ == "__main__":
    sys.exit(main())
