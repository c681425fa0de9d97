"""A server that has hashed passwords is no larger than before."""

import subprocess
import sys

import pytest

from tests.support.tools import CHECKOUT

_SCRIPT = """
import ctypes, sys
from idp.cli.memory import give_memory_back
libc = ctypes.CDLL(None)
if not hasattr(libc, "mallopt"):
    print("other")
    sys.exit()
if sys.argv[1] == "set up":
    give_memory_back()
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
def hash_something():
    block = libc.malloc(ctypes.c_size_t(19 << 20))
    ctypes.memset(block, 1, 19 << 20)
    kept = libc.malloc(ctypes.c_size_t(1 << 16))  # something small that outlives it
    libc.free(block)
    return kept
hash_something()
before = resident()
for _ in range(3):
    hash_something()
print((resident() - before) >> 20)
"""


def _growth(mode: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, mode], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    if done.stdout.strip() == "other":
        pytest.skip("not glibc's allocator")
    return int(done.stdout)


def test_what_a_hash_took_is_given_back() -> None:
    """Memory of the size of a password's hash stays with nobody; without the set-up it would."""
    assert _growth("set up") < 5
    assert _growth("as it is") >= 15
