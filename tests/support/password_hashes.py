"""Password hashes at the least cost: at the product's own they would take a large part of a run.

What is under test is who gets in and what is counted, never what a hash costs; where it is the cost, a test asks
for `real_hashes`. Processes of their own (`idp run`) hash at the product's cost.
"""

from collections.abc import Iterator

import pytest
from passlib.hash import argon2

from idp.persons import passwords

_REAL = passwords._ARGON2
# The least that argon2id knows; the same algorithm and the same encoding.
_CHEAP = argon2.using(type="ID", rounds=1, memory_cost=8, parallelism=1)


def _hashing_at(cost: object) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_ARGON2", cost)
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    yield from _hashing_at(_CHEAP)


@pytest.fixture(scope="module")
def real_hashes() -> Iterator[None]:
    """The product's own cost, for the tests of a module that asks for it."""
    yield from _hashing_at(_REAL)
