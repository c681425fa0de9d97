"""The API under test and a system that was approved for all of it."""

import pytest

from idp.house.build import House
from tests.protocol.provider import Provider
from tests.support.api_v1 import System, approved


@pytest.fixture
def system(house: House, provider: Provider) -> System:
    return approved(house, provider.http)
