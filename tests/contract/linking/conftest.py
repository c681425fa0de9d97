"""A house with older systems beside it, once on each set-up."""

import pytest

from idp.house.build import House
from tests.support.legacy_world import LegacyWorld


@pytest.fixture
def world(house: House) -> LegacyWorld:
    """The test's own."""
    return LegacyWorld(house)
