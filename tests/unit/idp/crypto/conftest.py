"""Keys for the tests of the crypto room."""

import pytest

from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose
from idp.crypto.suites import SUITES, Suite


@pytest.fixture(params=SUITES, ids=lambda suite: suite.name)
def suite(request: pytest.FixtureRequest) -> Suite:
    return request.param


@pytest.fixture
def keyring(suite: Suite) -> Keyring:
    """One active key per purpose, all under one suite."""
    return Keyring(
        [
            DataKey(purpose, 1, suite.name, bytes([number]) * 32, KeyState.ACTIVE)
            for number, purpose in enumerate(Purpose, start=1)
        ]
    )
