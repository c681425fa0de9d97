"""What processes cost, read from /proc (proc(5)): CPU seconds of whole trees, and memory by its share."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its parent, and the CPU seconds of itself and of the children that it has buried."""

    pid: int
    parent: int
    seconds: float


def read_stat(text: str, *, ticks: int = _TICKS) -> Process:
    """Return what /proc/PID/stat says; the name in it may hold blanks and brackets."""
    pid, _, rest = text.partition(" ")
    fields = rest.rpartition(")")[2].split()
    # From field 3 on: parent is field 4; utime, stime, cutime, cstime are 14 to 17.
    return Process(int(pid), int(fields[1]), sum(int(each) for each in fields[11:15]) / ticks)


def read_share(text: str) -> float:
    """Return the proportional memory of /proc/PID/smaps_rollup in MiB; shared pages count by their share."""
    found = re.search(r"^Pss:\s+([0-9]+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def read_machine(text: str, *, ticks: int = _TICKS) -> tuple[float, float]:
    """Return busy and total CPU seconds of the machine from /proc/stat."""
    fields = [int(each) for each in text.splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / ticks, sum(fields) / ticks


def tree_of(processes: Iterable[Process], root: int) -> list[Process]:
    """Return a process and all below it; nothing where it is gone."""
    below: dict[int, list[Process]] = {}
    found: list[Process] = []
    for process in processes:
        below.setdefault(process.parent, []).append(process)
        if process.pid == root:
            found.append(process)
    for process in found:  # grows while it is walked
        found += below.get(process.pid, [])
    return found


def tree_seconds(roots: Iterable[int]) -> float:
    """Return the CPU seconds that these trees have taken so far.

    The dead are in it: a process keeps the time of children that it waited for.
    """
    processes = _all()
    return sum(process.seconds for root in roots for process in tree_of(processes, root))


def worker_shares(root: int) -> list[float]:
    """Return the memory in MiB of every process below `root`, the largest first; of `root` where it is alone."""
    family = tree_of(_all(), root)
    shares = []
    for process in family[1:] or family:
        try:
            shares.append(read_share((_PROC / str(process.pid) / "smaps_rollup").read_text()))
        except OSError:
            continue  # gone meanwhile
    return sorted(shares, reverse=True)


def machine_seconds() -> tuple[float, float]:
    """Return busy and total CPU seconds of the machine since it started."""
    return read_machine((_PROC / "stat").read_text())


def _all() -> list[Process]:
    found = []
    for entry in os.listdir(_PROC):
        if not entry.isdecimal():
            continue
        try:
            found.append(read_stat((_PROC / entry / "stat").read_text()))
        except OSError:
            continue  # gone meanwhile
    return found
