"""The provider that the protocol's rules are held to."""

import pytest
from flask import Flask

from idp.house.build import House
from tests.protocol.desk import Desk, open_desk
from tests.protocol.provider import Provider
from tests.support.frozen_clock import FrozenClock


@pytest.fixture
def provider(house: House, app: Flask, clock: FrozenClock) -> Provider:
    """The provider under test, on each set-up unless a module asks for one."""
    return Provider(house, app, clock)


@pytest.fixture
def desk(provider: Provider) -> Desk:
    """A client that is approved for identity claims, and a person who proved themself and agreed."""
    return open_desk(provider)
