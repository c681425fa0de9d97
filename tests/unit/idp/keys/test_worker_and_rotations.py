"""The worker takes part in rotations: it says which keys it has, and ends those that only waited for time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from idp.config.settings import KeySettings
from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.house.deliveries import build_worker
from idp.house.ground import key_store
from idp.house.upkeep import build_upkeep
from idp.jobs.background import Background
from idp.keys import barrier
from idp.keys.instances import instances_behind
from idp.keys.models import KeyInstance, KeyRotation
from idp.keys.rotation import Waiting
from idp.outbox.queue import DeliveryKind
from idp.outbox.worker import Worker
from idp.web.message_texts import render_message
from tests.support.frozen_clock import FrozenClock
from tests.unit.idp.keys.conftest import MakeRotation

States = Callable[[Purpose], dict[int, str]]
PATIENCE = 1_200  # twentieths of a second


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Short leases: a rotation really waits for them here."""
    return {"keys": KeySettings(reload_seconds=1)}


@contextmanager
def working(house: House) -> Iterator[None]:
    """A worker as `idp worker` runs it, for the time of the block."""
    stop = threading.Event()
    worker = build_worker(house, render=render_message, tasks=build_upkeep(house))
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()
        # What runs beside it ends with the process; here the database is closed under it.
        until(lambda: "key rotations" not in {each.name for each in threading.enumerate()})


def until(holds: Callable[[], bool]) -> None:
    for _ in range(PATIENCE):
        if holds():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it does not come to that")


def rotations(house: House) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(KeyRotation)) or 0


def instances(house: House) -> list[KeyInstance]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(KeyInstance)))


def test_a_worker_says_which_keys_it_has(house: House, clock: FrozenClock) -> None:
    """Like a web process it is behind after a change of keys, until it has loaded the present ones."""
    ground = house.ground
    store = key_store(ground.settings, ground.database, ground.kek, clock)

    def behind() -> bool:
        return bool(instances_behind(ground.database, store.fingerprint(), seen_after=clock.now().replace(year=2020)))

    with working(house):
        until(lambda: len(instances(house)) == 1)
        assert not behind()
        with ground.database.transaction() as session:
            store.add_version(session, Purpose.MESSAGE)
        assert behind()
        until(lambda: not behind())


def test_it_says_so_between_slow_deliveries(house: House) -> None:
    """One attempt may take as long as a lease, so the worker does not wait for the end of all of them."""
    told: list[str] = []

    class Watched:
        def note(self) -> None:
            told.append("keys")

    def deliver(_claimed: Any) -> Any:
        told.append("delivery")
        raise ZeroDivisionError

    with house.ground.database.transaction() as session:
        for _ in range(2):
            house.protocol.queue.enqueue(session, DeliveryKind.MESSAGE, {}, max_attempts=1)
    presence: Any = Watched()
    Worker(queue=house.protocol.queue, handlers={DeliveryKind.MESSAGE: deliver}, presence=presence).run_once()
    assert told == ["keys", "delivery", "keys", "delivery"]


@pytest.mark.parametrize("purpose", [Purpose.MESSAGE, Purpose.SESSION_COOKIE])
def test_a_worker_ends_a_rotation_that_waited(
    house: House,
    make_rotation: MakeRotation,
    states: States,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    purpose: Purpose,
) -> None:
    """Before its time the old version stays; after it the worker drops it, waiting for itself among others."""
    monkeypatch.setattr(barrier, "_SETTLE_SECONDS", 0.0)
    rotation = make_rotation()
    rotation.begin(purpose)
    waiting = rotation.go_on(purpose)
    assert isinstance(waiting, Waiting)
    with working(house):
        until(lambda: len(instances(house)) == 1)
        assert states(purpose) == {1: "read", 2: "active"}
        clock.instant = waiting.until
        until(lambda: rotations(house) == 0)
    assert states(purpose) == {2: "active"}
    with house.ground.database.read() as session:
        events = session.scalars(sa.text("SELECT details FROM audit_events WHERE event = 'key.rotated'")).all()
    assert ["dropped" in str(event) for event in events].count(True) == 1


def test_what_is_due_is_only_what_waited_for_time(
    house: House, make_rotation: MakeRotation, clock: FrozenClock
) -> None:
    """A rotation that a command is carrying out, or was killed in, is left to that command."""
    rotation = make_rotation()
    rotation.begin(Purpose.DATA)
    rotation.begin(Purpose.CODE)
    waiting = rotation.go_on(Purpose.CODE)
    assert isinstance(waiting, Waiting)
    assert rotation.due() == ()
    clock.advance(seconds=(waiting.until - clock.now()).total_seconds() - 1)
    assert rotation.due() == ()
    clock.advance(seconds=1)
    assert rotation.due() == (Purpose.CODE,)
    clock.advance(days=30)
    assert rotation.due() == (Purpose.CODE,)
    rotation.go_on(Purpose.CODE)
    assert rotation.due() == ()


def test_long_work_runs_once_at_a_time_and_survives_its_errors() -> None:
    """A second start while it is at work does nothing; one that failed may be started again."""
    go, ran = threading.Event(), []

    def work() -> None:
        ran.append(1)
        go.wait(60)
        raise ZeroDivisionError

    background = Background(name="made up", work=work)
    assert background.join(0)
    assert background.start() and not background.start()
    go.set()
    assert background.join(60) and background.start()
    assert background.join(60) and len(ran) == 2
