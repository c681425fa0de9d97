"""The order of a run: what takes long begins first, so that nobody waits for one slow test at the end.

Each worker gets a share of it as the head of its own part of the tests: pytest-xdist cuts the list into equal
parts, and who is done takes from the end of another's part. Within the shares the order stays random.
"""

import itertools
from collections.abc import Generator

import pytest

#: The slowest first: what starts processes and servers of its own, kills them and waits for what comes after.
SLOW = (
    "tests/flows/test_key_rotation.py",
    "tests/durability/",
    "tests/operability/test_stopping.py",
    "tests/contract/short_lived/test_failover.py",
    "tests/operability/test_outages.py",
    "tests/operability/test_serving.py",
    "tests/docs/",
    "tests/interop/",
    "tests/browser/",
    "tests/migrations/",
    "tests/operability/",
    "tests/contract/short_lived/",
    "tests/pages/",
    "tests/races/",
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Put the slow files of every worker's part first, after all other plugins have ordered."""
    yield
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    items[:] = dealt(items, workers)


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the items so that equal parts of the list begin with equally many of the slow files."""
    files = [(name, list(group)) for name, group in itertools.groupby(items, _file)]
    slow = sorted((file for file in files if _rank(file[0]) < len(SLOW)), key=lambda file: _rank(file[0]))
    heads = [[item for _, group in slow[worker::workers] for item in group] for worker in range(workers)]
    rest = iter([item for name, group in files if _rank(name) == len(SLOW) for item in group])
    ordered: list[pytest.Item] = []
    for worker, head in enumerate(heads):
        size = (len(items) - len(ordered)) // (workers - worker)
        ordered += [*head, *itertools.islice(rest, max(0, size - len(head)))]
    return ordered


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _rank(name: str) -> int:
    return next((place for place, start in enumerate(SLOW) if name.startswith(start)), len(SLOW))
