"""The processes of the races, and a person with a client to race for."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from idp.config.settings import LimitSettings, ServerSettings
from idp.house.build import House
from tests.races.house_process import RACERS, THREADS, Answer, Call, HouseProcesses
from tests.races.pages import cookie_header, csrf_token
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of

Race = Callable[..., list[Answer]]
#: No limits, for one address makes all requests; and as many threads as there are, for the pool goes by it.
OVERRIDES: dict[str, Any] = {
    "limits": LimitSettings(login_per_minute=0, register_per_hour=0, codes_per_mobile_per_hour=0),
    "server": ServerSettings(threads=THREADS),
}


@pytest.fixture(scope="session")
def house_processes() -> Iterator[HouseProcesses]:
    processes = HouseProcesses()
    yield processes
    processes.end()


@pytest.fixture
def overrides() -> dict[str, Any]:
    return dict(OVERRIDES)


@pytest.fixture
def race(house: House, house_processes: HouseProcesses, clock: FrozenClock) -> Iterator[Race]:
    """Call it with one call, made by everybody, or with a list of them; it returns the answers."""
    house_processes.open(house.settings)

    def start(calls: Call | list[Call]) -> list[Answer]:
        listed = [calls] * RACERS if isinstance(calls, Call) else calls
        return house_processes.race(listed, at=clock.now())

    yield start
    house_processes.close_houses()


@pytest.fixture
def person(register_person: Callable[..., TestPerson]) -> TestPerson:
    return register_person()


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def browser(app: Flask, person: TestPerson, party: RelyingParty) -> FormBrowser:
    """A browser in which the person is logged in."""
    made = FormBrowser(app)
    made.open(party.authorize_path())
    made.log_in(person)
    return made


def new_code(browser: FormBrowser, party: RelyingParty, **parameters: Any) -> str:
    """Return another code of the person who is logged in."""
    browser.open(party.authorize_path(**parameters))
    return parameters_of(browser.location)["code"]


def token_call(party: RelyingParty, **form: str) -> Call:
    """Return a token request."""
    return Call("/oauth/token", form, party.basic())


def page_call(browser: FormBrowser, form: dict[str, str] | None = None, path: str | None = None) -> Call:
    """Return the browser's next request as it would make it now, with its cookies and its page's CSRF token."""
    headers = {"Cookie": cookie_header(browser)}
    fields = None if form is None else {"csrf_token": csrf_token(browser), **form}
    return Call(path or browser.path, fields, headers)
