"""Being told to stop (SIGTERM, Ctrl-C) before the server listens for it: it ends in order and with code 0.

Two moments need it. A process that is still importing or building would die of the signal, or of a
KeyboardInterrupt. And a worker process that granian forks has its parent's handlers until its application is
built: they note the signal in a copy of the parent that nobody looks at, so it would never end.
"""

import _thread
import os
import signal
import sys
import threading
from types import FrameType

_STOPS = (signal.SIGTERM, signal.SIGINT)
_AGAIN_SECONDS = 0.01
# More than cleaning up takes, less than supervisors wait before they kill.
_MOST_SECONDS = 15.0


def leave_when_told() -> None:
    """Leave by SystemExit when told to stop, so that everything is cleaned up; until others take the signals."""
    sys.unraisablehook = _leave_again
    for number in _STOPS:
        signal.signal(number, _leave)


def is_stop(error: BaseException | None) -> bool:
    """Tell whether being told to stop is what lies behind an error.

    Python wraps what is raised while a class gets its attributes' names, which imports do by the thousand.
    """
    while error is not None and not isinstance(error, SystemExit):
        error = error.__cause__
    return error is not None


def set_when_told(stop: threading.Event) -> None:
    """Set `stop` when told to stop.

    By another thread: one that runs a handler may hold the event's lock, amid a `wait`, or amid the `set` of an
    earlier signal, and would wait for itself.
    """
    for number in _STOPS:
        signal.signal(number, lambda _number, _frame: _thread.start_new_thread(stop.set, ()))


def hold_stops_in_forks() -> None:
    """Keep what is told to a child of os.fork from now on until it calls `hear_stops`; to be called once."""
    os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_begin_child)


def hear_stops() -> None:
    """Take what was held: the process leaves here if it was told to stop already."""
    _release()


def _leave(_number: int, _frame: FrameType | None) -> None:
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be interrupted
    # What nobody foresaw, such as code that catches every exception, must not leave a process that hears no stop.
    signal.signal(signal.SIGALRM, lambda _number, _frame: os._exit(0))
    signal.setitimer(signal.ITIMER_REAL, _MOST_SECONDS)
    sys.exit(0)


def _leave_again(lost: "sys.UnraisableHookArgs") -> None:
    """Leave a moment later where the signal came amid what swallows exceptions: a finaliser, a weak reference's call.

    Otherwise the process would go on, deaf to every further signal.
    """
    if isinstance(lost.exc_value, SystemExit):
        signal.signal(signal.SIGALRM, _leave)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
    else:
        sys.__unraisablehook__(lost)


def _hold() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)


def _release() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)


def _begin_child() -> None:
    leave_when_told()
    # A terminal tells the whole group; the parent hears it too and tells its children in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
