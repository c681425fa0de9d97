"""Signing keys that are loaded once in a process: all houses of a run begin with the same ones.

A server loads its keys when it starts; OpenSSL looks into an RSA key for longer than most tests' requests take.
"""

import functools
from collections.abc import Iterator

import pytest

from idp.tokens import signing_keys


@pytest.fixture(scope="session", autouse=True)
def _warm_keys() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # By content, algorithm and name. What is refused is not kept.
        patch.setattr(signing_keys, "load_private", functools.cache(signing_keys.load_private))
        yield
