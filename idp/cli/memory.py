"""Giving memory back: what glibc's allocator would keep of it, a process that serves for weeks need not hold."""

import ctypes
import gc

# malloc.h of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_MIB = 1 << 20
# A request makes some hundred objects and drops nearly all of them by itself, without the collector.
_ALLOCATIONS = 10_000


def give_memory_back() -> None:
    """Set the allocator up, before threads begin; nothing where it is not glibc's.

    A password's hash takes 19 MiB for a moment. Given out of a mapping it is gone afterwards, but glibc learns
    from the first such block to take the next ones from the heap of the thread, where they stay.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(_M_MMAP_THRESHOLD, _MIB)
    mallopt(_M_TRIM_THRESHOLD, 4 * _MIB)
    # Python runs one thread at a time, and its own small objects do not come from here.
    mallopt(_M_ARENA_MAX, 2)


def settle() -> None:
    """Collect what starting left behind, and never look through the rest again: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
