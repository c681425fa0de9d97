"""Keys for the tests of linking, under each suite."""

import pytest

from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose
from idp.crypto.suites import SUITES


@pytest.fixture(params=SUITES, ids=lambda suite: suite.name)
def keyring(request: pytest.FixtureRequest) -> Keyring:
    """One active key per purpose, all under one suite."""
    return Keyring(
        [
            DataKey(purpose, 1, request.param.name, bytes([number]) * 32, KeyState.ACTIVE)
            for number, purpose in enumerate(Purpose, start=1)
        ]
    )
