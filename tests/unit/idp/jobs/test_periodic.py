"""Tasks that are run again and again."""

import threading

from idp.house.build import House
from idp.house.upkeep import build_upkeep
from idp.jobs.periodic import Left, Periodic, Task
from idp.outbox.worker import Worker
from tests.support.frozen_clock import FrozenClock


def test_a_task_runs_at_first_and_then_when_its_time_has_come() -> None:
    """Each task has its own pace."""
    clock, ran = FrozenClock(), []
    tasks = [Task("often", 10, lambda: ran.append("often")), Task("seldom", 60, lambda: ran.append("seldom"))]
    periodic = Periodic(tasks=tasks, clock=clock)
    assert periodic.run_due() == ("often", "seldom")
    assert periodic.run_due() == ()
    clock.advance(seconds=10)
    assert periodic.run_due() == ("often",)
    clock.advance(seconds=50)
    assert periodic.run_due() == ("often", "seldom")
    assert ran == ["often", "seldom", "often", "often", "seldom"]


def test_a_failing_task_stops_no_other() -> None:
    """What a task raises is logged, the others run, and it is tried again at its next time."""
    clock, ran = FrozenClock(), []

    def fail() -> None:
        ran.append("failing")
        raise ZeroDivisionError

    periodic = Periodic(tasks=[Task("failing", 10, fail), Task("good", 10, lambda: None)], clock=clock)
    assert periodic.run_due() == ("good",)
    clock.advance(seconds=10)
    periodic.run_due()
    assert ran == ["failing", "failing"]


def test_a_task_that_has_more_to_do_is_soon_run_again() -> None:
    """Its next run comes after the next deliveries, and its own pace begins anew once it is through."""
    clock, left = FrozenClock(), [Left.MORE, None]
    periodic = Periodic(tasks=[Task("long", 60, lambda: left.pop(0) if left else None)], clock=clock)
    assert periodic.run_due() == ("long",)
    assert periodic.run_due() == ()
    clock.advance(seconds=1)
    assert periodic.run_due() == ("long",)
    clock.advance(seconds=59)
    assert periodic.run_due() == ()
    clock.advance(seconds=1)
    assert periodic.run_due() == ("long",)


def test_the_worker_runs_tasks_between_deliveries(house: House, clock: FrozenClock) -> None:
    """A worker's loop comes by its tasks, and ends when it is told to."""
    stop = threading.Event()
    tasks = Periodic(tasks=[Task("stop", 10, stop.set)], clock=clock)
    Worker(queue=house.protocol.queue, handlers={}, tasks=tasks).run(stop)
    assert stop.is_set()


def test_every_task_of_the_house_succeeds(house: House, clock: FrozenClock) -> None:
    """All tasks of a worker run, at once and again after a year, on both set-ups."""
    upkeep = build_upkeep(house)
    names = upkeep.run_due()
    assert names == tuple(task.name for task in upkeep._tasks) and "audit sealing" in names
    clock.advance(days=365)
    assert upkeep.run_due() == names
