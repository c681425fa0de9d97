"""The load: processes of their own that keep connections open and walk flows over them.

`python -m bench.load` is such a process: a plan comes in on standard input, the tally goes out as JSON.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.children import BenchFailed
from bench.walker import Step, Tally, Variables, Walker
from bench.wire import AnswerReader, WireError

# A server that says nothing for so long will say nothing any more.
_PATIENCE_SECONDS = 15
_READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: walk `steps` over one connection per list of accounts, for a time or for whole passes."""

    port: int
    steps: tuple[Step, ...]
    connections: list[list[Variables]]
    seconds: float = 0
    passes: int = 0


class Connection:
    """A kept connection and the walk over it."""

    def __init__(self, port: int, walker: Walker) -> None:
        self.walker = walker
        self._port = port
        self._reader = AnswerReader()
        self.socket = self._connect()
        self.is_waiting = False

    def send(self) -> None:
        """Send the next request; a connection that was closed while it was quiet is opened anew once."""
        request = self.walker.next_request(time.monotonic())
        self.is_waiting = True
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what came and tell whether the walk may go on; raises OSError or WireError where it broke."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise WireError("the connection was closed")
        answer = self._reader.feed(data)
        if answer is None:
            return False
        self.is_waiting = False
        self.walker.take(answer, time.monotonic())
        if answer.header("connection").lower() == "close":
            raise WireError("the server keeps no connection")
        return True

    def reopen(self) -> None:
        """Begin again on a new connection."""
        self.socket.close()
        self._reader = AnswerReader()
        self.socket = self._connect()
        self.is_waiting = False

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


def walk(plan: Plan) -> list[Connection]:
    """Carry the plan out in this process and return its connections, closed; every flow begun was ended."""
    connections = [Connection(plan.port, Walker(list(plan.steps), accounts)) for accounts in plan.connections]
    end = time.monotonic() + plan.seconds
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        while selector.get_map():
            ready = selector.select(_PATIENCE_SECONDS)
            if not ready:
                break
            for key, _ in ready:
                _go_on(selector, key.data, plan, end)
    for connection in connections:
        if connection.is_waiting:
            connection.walker.lose("no answer in time")
        connection.socket.close()
    return connections


def run_load(plan: Plan, *, processes: int) -> Tally:
    """Carry the plan out in processes of their own; what it captured is written back into its accounts."""
    shares = [range(start, len(plan.connections), processes) for start in range(processes)]
    shares = [share for share in shares if len(share)]
    # Beyond the last flow's patience something is wrong with the load itself.
    limit = plan.seconds + 120 + 4 * _PATIENCE_SECONDS
    running: list[subprocess.Popen[str]] = []
    try:
        for share in shares:
            running.append(_start([plan.connections[place] for place in share], plan))
        outputs = [_finish(process, limit) for process in running]
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    for share, output in zip(shares, outputs, strict=True):
        for place, accounts in zip(share, output["connections"], strict=True):
            plan.connections[place][:] = accounts
    return merge([output["tally"] for output in outputs])


def merge(parts: Sequence[dict[str, Any]]) -> Tally:
    """Return the sum of several processes' tallies."""
    total = Tally()
    for part in parts:
        total.flows += part["flows"]
        total.requests += part["requests"]
        total.bad += part["bad"]
        total.sample = total.sample or part["sample"]
        total.latencies += part["latencies"]
        total.acknowledged += Counter(part["acknowledged"])
        total.unanswered += Counter(part["unanswered"])
    return total


def tally_document(tally: Tally) -> dict[str, Any]:
    """Return a tally as JSON takes it."""
    return {name: getattr(tally, name) for name in Tally.__slots__}


def _go_on(selector: selectors.BaseSelector, connection: Connection, plan: Plan, end: float) -> None:
    try:
        if not connection.receive():
            return
    except (OSError, WireError) as error:
        selector.unregister(connection.socket)
        if connection.is_waiting:
            connection.walker.lose(str(error))
        connection.reopen()
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    walker = connection.walker
    is_over = walker.passes >= plan.passes if plan.passes else time.monotonic() >= end
    if is_over and walker.is_between_flows:
        selector.unregister(connection.socket)
    else:
        connection.send()


def _start(connections: list[list[Variables]], plan: Plan) -> "subprocess.Popen[str]":
    document = {
        "port": plan.port,
        "steps": [step.as_document() for step in plan.steps],
        "connections": connections,
        "seconds": plan.seconds,
        "passes": plan.passes,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    json.dump(document, process.stdin)
    process.stdin.close()
    process.stdin = None  # communicate() would flush what is closed
    return process


def _finish(process: "subprocess.Popen[str]", limit: float) -> dict[str, Any]:
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise BenchFailed("the load did not end") from None
    if process.returncode:
        raise BenchFailed("the load failed; its own words stand above")
    result: dict[str, Any] = json.loads(output)
    return result


def main() -> None:
    """Carry out the plan on standard input."""
    document = json.load(sys.stdin)
    plan = Plan(**{**document, "steps": tuple(Step.of(each) for each in document["steps"])})
    connections = walk(plan)
    result = {
        "tally": tally_document(merge([tally_document(each.walker.tally) for each in connections])),
        "connections": [each.walker.accounts for each in connections],
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
