"""A mark is gone by for a moment, and a change waits for that moment to be over."""

from types import SimpleNamespace

import pytest

from clients import memory
from clients.memory import RegistryMark, Remembered
from tests.unit.clients.rooms import Rooms


class Watch:
    """The time that processes measure durations with; sleeping lets it pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the present time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        self.now += seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The watch of all workers of the test."""
    made = Watch()
    monkeypatch.setattr(memory, "time", SimpleNamespace(monotonic=made.monotonic, sleep=made.sleep))
    return made


def test_a_mark_is_gone_by_for_a_moment_only(rooms: Rooms, watch: Watch) -> None:
    """Another worker's change is seen when that moment is over; on the worker that makes it at once."""
    here, elsewhere = RegistryMark(store=rooms.store), RegistryMark(store=rooms.store)
    before = here.current()
    assert elsewhere.current() == before
    rooms.store.renew_mark("registry")
    watch.sleep(memory.MARK_SECONDS * 0.99)
    assert here.current() == before
    watch.sleep(memory.MARK_SECONDS * 0.02)
    assert here.current() != before


def test_a_change_is_acknowledged_when_no_worker_goes_by_the_mark_before(rooms: Rooms, watch: Watch) -> None:
    """Whenever the others asked last, be it at the very moment of the change."""
    here, elsewhere = RegistryMark(store=rooms.store), RegistryMark(store=rooms.store)
    before = [here.current(), elsewhere.current()]
    here.renew()
    assert here.current() == elsewhere.current()
    assert here.current() not in before


def test_what_is_not_there_is_not_remembered(rooms: Rooms, watch: Watch) -> None:
    """What is registered is found at once, though nothing told the other workers; what is there is read once."""
    registry = Remembered[str](mark=RegistryMark(store=rooms.store), clock=rooms.clock)
    answers = iter([None, "it", "never asked for"])
    assert registry.get("key", lambda _key: next(answers)) is None
    assert registry.get("key", lambda _key: next(answers)) == "it"
    assert registry.get("key", lambda _key: next(answers)) == "it"
