"""A second process on a backend: `python -m tests.contract.short_lived.taker THREADS KIND ARGUMENT…`.

It says "ready", waits for one line a round, and answers with the results of all its threads.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from idp.storage.short_lived.backend import Backend
from tests.contract.short_lived.conftest import open_backend
from tests.support.frozen_clock import FrozenClock


def race(pool: ThreadPoolExecutor, backend: Backend, threads: int, number: int) -> dict[str, list[object]]:
    """Let every thread take, add, change and count the same entries; return what each was told."""
    calls = {
        "take": lambda: (backend.take(f"take {number}") or b"").decode(),
        "add": lambda: backend.add_once(f"add {number}", b"1", 60),
        "update": lambda: backend.update(f"update {number}", b"old", b"new"),
        "count": lambda: backend.increment(f"count {number}", 60),
    }
    told = {}
    for name, call in calls.items():
        told[name] = [future.result() for future in [pool.submit(call) for _ in range(threads)]]
    return told


def main() -> None:
    """Serve until standard input ends."""
    threads, kind, arguments = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    backend = open_backend(kind, *arguments, clock=FrozenClock())
    with ThreadPoolExecutor(threads) as pool:
        backend.ping()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            sys.stdout.write(json.dumps(race(pool, backend, threads, int(line))) + "\n")
            sys.stdout.flush()
    backend.close()


if __name__ == "__main__":
    main()
