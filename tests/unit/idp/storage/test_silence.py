"""A silence begins once, is listened to by one thread, and ends with whatever comes back."""

import threading
import time
from collections.abc import Callable

import pytest

from idp.storage.silence import Silence

_PATIENCE_SECONDS = 30.0


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_it_holds_until_the_store_answers() -> None:
    """However often it is said that it began, one thread asks; and it may begin anew afterwards.

    Not for somebody who began to wait before it ended: the store has answered since.
    """
    answers, asking = threading.Event(), []

    def ask() -> bool:
        asking.append(threading.current_thread())
        return answers.wait(0.01)

    silence = Silence("x", answers=ask, every_seconds=0.001)
    assert not silence.holds
    for _ in range(5):
        silence.begin(0)
    _until(lambda: len(asking) > 3)
    assert silence.holds and len(set(asking)) == 1
    answers.set()
    _until(lambda: not silence.holds)
    answers.clear()
    silence.begin(0)
    assert not silence.holds and silence.ended == 1
    silence.begin(1)
    assert silence.holds
    silence.close()


def test_an_unforeseen_fault_ends_it() -> None:
    """What cannot be asked is no reason to refuse requests for ever."""

    def broken() -> bool:
        raise RuntimeError

    silence = Silence("x", answers=broken)
    silence.begin(0)
    _until(lambda: not silence.holds)


@pytest.mark.parametrize("is_closed", [True, False])
def test_nobody_listens_for_a_closed_store(is_closed: bool) -> None:
    """Closing ends the thread, and none is started afterwards."""
    asked: list[int] = []
    silence = Silence("x", answers=lambda: bool(asked.append(1)), every_seconds=0.001)
    if is_closed:
        silence.close()
    silence.begin(0)
    assert silence.holds is not is_closed
    silence.close()
    _until(lambda: not any(thread.name == "silence x" for thread in threading.enumerate()))
    assert bool(asked) is not is_closed
