"""The console, and a system in each of two departments."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from idp.linking.systems import SystemView
from tests.support.console import HEALTH, Office
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson


@pytest.fixture
def office(house: House, app: Flask, clock: FrozenClock, register_person: Callable[..., TestPerson]) -> Office:
    return Office(house, app, clock, register_person)


@pytest.fixture
def system(office: Office) -> SystemView:
    """A system of the department of housing."""
    return office.system()


@pytest.fixture
def other_system(office: Office) -> SystemView:
    """A system of another department."""
    return office.system("yb", "医疗保险", HEALTH)
