"""What takes long begins first, on every worker."""

from types import SimpleNamespace

import pytest

from tests.support.order import SLOW, dealt
from tests.support.tools import CHECKOUT

FAST = [f"tests/unit/test_{name}.py::test_{number}" for name in "abcdefgh" for number in range(12)]
HEAVY = [f"{SLOW[place]}test_x.py::test_{number}" for place in (11, 1, 6) for number in range(3)]


def _items(names):
    return [SimpleNamespace(nodeid=name) for name in names]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 64])
def test_nothing_is_lost(workers):
    """Whatever the number of workers, each test is there once."""
    names = FAST[:50] + HEAVY + FAST[50:]
    assert sorted(item.nodeid for item in dealt(_items(names), workers)) == sorted(names)


def test_each_part_begins_with_slow_ones():
    """Equal parts of the list, as pytest-xdist cuts it, have their share of the slow files at their heads."""
    ordered = [item.nodeid for item in dealt(_items(FAST + HEAVY), 3)]
    part = len(ordered) // 3
    assert [ordered[place * part] for place in range(3)] == [HEAVY[3], HEAVY[6], HEAVY[0]]
    assert [name for name in ordered if name in FAST] == FAST
    for place in range(3):
        slow = [name in HEAVY for name in ordered[place * part : (place + 1) * part]]
        assert slow == sorted(slow, reverse=True)


def test_a_file_stays_together():
    """Neighbours share what their module made: a slow file is not spread."""
    ordered = [item.nodeid for item in dealt(_items(HEAVY + FAST), 2)]
    places = [ordered.index(name) for name in HEAVY[:3]]
    assert places == [places[0], places[0] + 1, places[0] + 2]


def test_the_slow_ones_are_there():
    """No name in the list has gone out of use."""
    assert [name for name in SLOW if not (CHECKOUT / name).exists()] == []
