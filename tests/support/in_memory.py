"""The run's files in memory, where there is plenty: databases of a second's life need no disk.

Making and dropping one costs a disk's journal three times what it costs the server, and every commit waits for it.
A process that is killed loses nothing either way: only a power cut would, which no test can make.
"""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
#: What a run takes at most is a fifth of it; the rest is for what the servers and browsers need themselves.
LEAST_FREE_BYTES = 5 * 2**30


def work_in_memory() -> None:
    """Let temporary files of this process, and of all that it starts, lie in memory; TMPDIR is respected."""
    if "TMPDIR" not in os.environ and is_plenty(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # asked anew


def is_plenty(folder: Path) -> bool:
    """Tell whether a folder in memory takes the files of a run, programs among them, and leaves enough free."""
    try:
        state = os.statvfs(folder)
        if state.f_flag & os.ST_NOEXEC or not os.access(folder, os.W_OK):
            return False
        return min(state.f_bavail * state.f_frsize, available_bytes()) >= LEAST_FREE_BYTES
    except OSError:
        return False


def available_bytes() -> int:
    """Return what new processes can have without swapping (proc(5), `meminfo`); nothing where nobody says it."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0
