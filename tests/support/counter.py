"""A service hall for tests: its reader, its clerks, and a citizen who shows a code."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyotp
from flask import Flask

from idp.core.results import Ok
from idp.house.build import House
from tests.support.card_readers import TestReader, enrolled_reader
from tests.support.cards import CITIZEN, MadeUpCard
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import new_number
from tests.support.proofed import prove
from tests.support.proofing import in_register
from tests.support.relying_party import FormBrowser
from tests.support.staff import DEPARTMENT, ready_staff

HERE, ELSEWHERE = "household of the citizen", "another household"
SIGNED = {"comparison": "seen", "is_same": "y"}
Register = Callable[..., TestPerson]


@dataclass
class Hall:
    """One hall with its reader and clerks, who are logged in."""

    house: House
    app: Flask
    clock: FrozenClock
    register: Register
    reader: TestReader
    clerks: list[TestPerson] = field(default_factory=list)
    apps: list[pyotp.TOTP] = field(default_factory=list)
    browsers: list[FormBrowser] = field(default_factory=list)

    def add_clerk(self, *, household: str | None = ELSEWHERE, department: str = DEPARTMENT) -> FormBrowser:
        """Return the browser of one more clerk; with a household they are proved and known to the register."""
        name, number = ("李职员", "赵职员", "孙职员")[len(self.clerks)], new_number()
        person, totp = ready_staff(self.house, self.clock, self.register(name, number), department)
        if household is not None:
            prove(self.house, person.id, name=name, number=number)
            in_register(self.house, person, household=household)
        self.clerks.append(person)
        self.apps.append(totp)
        self.browsers.append(at_desk(self.app, self.clock, person, totp))
        return self.browsers[-1]

    def show_app(self, browser: FormBrowser, clerk: int = 0) -> None:
        """Type what the clerk's app shows now; they log in as the citizen that they also are."""
        self.clock.advance(seconds=30)
        browser.submit({"code": self.apps[clerk].at(self.clock.now())})

    def lay_down(self, card: MadeUpCard = CITIZEN) -> None:
        """Let the reader answer what it is asked now."""
        assert self.reader.device is not None
        readings = self.house.counter.readings
        wanted = readings.wanted(self.reader.device)
        assert wanted is not None
        assert isinstance(readings.answer(self.reader.device, self.reader.reading(wanted.nonce, card)), Ok)

    def admit(self, clerk: FormBrowser, code: str) -> None:
        """Type a code at the clerk's first page."""
        assert self.reader.device is not None
        clerk.open("/counter")
        clerk.submit({"reader": self.reader.device.id, "code": code})

    def read(self, clerk: FormBrowser, card: MadeUpCard = CITIZEN) -> None:
        """Ask for the card, lay it down, and look."""
        visit = clerk.path
        clerk.submit({}, f"{visit}/card")
        self.lay_down(card)
        clerk.open(visit)

    def sign(self, clerk: FormBrowser, **stated: str) -> None:
        """Sign the visit at hand."""
        clerk.submit(SIGNED | stated, f"{clerk.path}/sign")

    def serve(self, citizen: FormBrowser, clerk: FormBrowser, card: MadeUpCard = CITIZEN, **stated: str) -> None:
        """Go from the code on the citizen's screen to the clerk's signature, and look at the screen again."""
        self.admit(clerk, code_on(citizen))
        self.read(clerk, card)
        self.sign(clerk, **stated)
        citizen.open(citizen.path)


def open_hall(house: House, app: Flask, clock: FrozenClock, register: Register) -> Hall:
    """Return a hall with one clerk."""
    hall = Hall(house, app, clock, register, enrolled_reader(house, DEPARTMENT))
    hall.add_clerk()
    return hall


def at_desk(app: Flask, clock: FrozenClock, person: TestPerson, totp: pyotp.TOTP) -> FormBrowser:
    """Log ready staff in at the counter's own page."""
    browser = FormBrowser(app)
    browser.open("/counter")
    browser.log_in(person)
    clock.advance(seconds=30)
    browser.submit({"code": totp.at(clock.now())})
    assert browser.path == "/counter", browser.path
    return browser


def code_on(citizen: FormBrowser) -> str:
    """Return the code on a citizen's screen."""
    found = re.search(r'id="visit-code"[^>]*>([A-Z-]+)<', citizen.text)
    assert found is not None, citizen.path
    return found[1]


def show_code(browser: FormBrowser) -> None:
    """Go on to the counter from the page of proving."""
    browser.open(browser.path.rstrip("/") + "/counter")


def agree(browser: FormBrowser, **fields: Any) -> None:
    """Say that it is one's own card."""
    browser.submit(fields, f"{browser.path}/accept")
