"""The stage on which scenarios play: a house, its application, made-up people and their browsers."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import code_of

NEW_PASSWORD = "eleven-quiet-herons-3"
#: What a scenario prepares; calling it is the one request, or command, that is looked at.
Act = Callable[[], object]


@dataclass
class Stage:
    """What scenarios work with; everybody and every client is made anew for each."""

    house: House
    app: Flask
    clock: FrozenClock
    register: Callable[..., TestPerson]
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def http(self) -> FlaskClient:
        return self.app.test_client()

    def new_mobile(self) -> str:
        """Return a mobile that nobody has."""
        return f"+86139{next(self.numbers):08d}"

    def at_login(self, party: RelyingParty | None = None, **parameters: Any) -> FormBrowser:
        """A browser at the login page."""
        browser = FormBrowser(self.app)
        browser.open(party.authorize_path(**parameters) if party else "/account")
        return browser

    def logged_in(self, person: TestPerson) -> FormBrowser:
        """A browser in the account centre."""
        browser = self.at_login()
        browser.log_in(person)
        assert browser.path == "/account", browser.path
        return browser

    def tokens(self, party: RelyingParty, person: TestPerson, **parameters: Any) -> dict[str, Any]:
        """What a client gets for a login."""
        browser = self.at_login(party, **parameters)
        browser.log_in(person)
        answer = party.redeem(self.http, parameters_of(browser.location)["code"])
        document: dict[str, Any] = answer.get_json()
        return document

    def client(self, **extra: Any) -> RelyingParty:
        """A client that needs no consent, unless `policy` says so."""
        return make_client(self.house, **extra)

    def enrol(self, person: TestPerson) -> tuple[pyotp.TOTP, list[str]]:
        """Give a person an app and recovery codes."""
        with self.house.ground.database.transaction() as session:
            made = self.house.people.totp.enrol(session, person.id, account_label="x", at=self.clock.now())
            totp = pyotp.TOTP(made.secret)
            assert self.house.people.totp.confirm(session, person.id, totp.at(self.clock.now()), at=self.clock.now())
            codes = self.house.people.recovery_codes.generate(session, person.id, at=self.clock.now())
        self.clock.advance(seconds=60)
        return totp, list(codes)

    def code(self, template: str, to: str) -> str:
        """Return the code that was sent last."""
        return code_of(self.house, template, to)


@dataclass(frozen=True)
class Scenario:
    """One request or command, what prepares it, and the rows it must leave, each exactly once."""

    key: str
    prepare: Callable[[Stage], Act]
    rows: tuple[str, ...]


class Scenarios:
    """Collects the scenarios of a file."""

    def __init__(self) -> None:
        self.all: list[Scenario] = []

    def of(self, key: str, *rows: str) -> Callable[[Callable[[Stage], Act]], Callable[[Stage], Act]]:
        """Say that the function prepares the route or command `key`, which leaves these rows."""

        def keep(prepare: Callable[[Stage], Act]) -> Callable[[Stage], Act]:
            self.all.append(Scenario(key, prepare, rows))
            return prepare

        return keep
