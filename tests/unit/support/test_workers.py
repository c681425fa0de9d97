"""How many workers a run has."""

import pytest

from tests.support.workers import MOST, number_of_workers

GIB = 2**30


@pytest.mark.parametrize(
    ("cores", "free", "workers"),
    [(2, 20 * GIB, 3), (1, 20 * GIB, 2), (2, 2 * GIB + 1, 2), (8, 3 * GIB, 3), (1, GIB // 2, 1), (64, 500 * GIB, MOST)],
)
def test_cores_and_memory_count(cores, free, workers):
    """More than cores where memory allows it, one in any case, and not more than the servers bear."""
    assert number_of_workers(cores=cores, free=free) == workers
