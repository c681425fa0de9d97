"""How many workers `pytest -n auto` starts: more than there are cores, for much of a run is waiting.

They wait for servers and processes to start, for time-outs and for pages; three keep two cores busy all the time.
"""

import math
import os

import pytest

from tests.support.in_memory import available_bytes

PER_CORE = 1.5
#: A worker, its browser and the processes that it starts; on a small machine this counts and not the cores.
BYTES_EACH = 2**30
#: More would need more connections than the run's PostgreSQL gives out.
MOST = 12


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers (called by pytest-xdist)."""
    return number_of_workers(cores=len(os.sched_getaffinity(0)), free=available_bytes())


def number_of_workers(*, cores: int, free: int) -> int:
    """Return how many workers suit so many cores and bytes of free memory: one at least."""
    return max(1, min(math.ceil(cores * PER_CORE), free // BYTES_EACH, MOST))
