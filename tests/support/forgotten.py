"""Browsers of people who forgot their password, at each stage of getting back in."""

import pyotp
from flask import Flask

from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import code_of

NEW_PASSWORD = "eleven-quiet-herons-3"
DAY = 86_400


def asked(app: Flask, identifier: str, browser: FormBrowser | None = None) -> FormBrowser:
    """A browser at the page that asks for the code."""
    browser = browser or FormBrowser(app)
    browser.open("/recovery")
    browser.submit({"identifier": identifier})
    assert browser.path.endswith("/recovery/code")
    return browser


def waiting(house: House, app: Flask, person: TestPerson, browser: FormBrowser | None = None) -> FormBrowser:
    """A browser after the right code and the right number."""
    browser = with_code(house, app, person, browser)
    assert browser.path.endswith("/recovery/number")
    browser.submit({"number": person.number})
    return browser


def with_code(house: House, app: Flask, person: TestPerson, browser: FormBrowser | None = None) -> FormBrowser:
    """A browser after the right code."""
    browser = asked(app, person.mobile, browser)
    browser.submit({"code": code_of(house, "recovery_code", person.mobile)})
    return browser


def known(app: Flask, person: TestPerson) -> FormBrowser:
    """A browser that the person has logged in with, and logged out of."""
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(person)
    browser.client.delete_cookie("yihao_session")
    return browser


def may_log_in(app: Flask, person: TestPerson, password: str) -> bool:
    browser = FormBrowser(app)
    browser.open("/login")
    response = browser.submit({"identifier": person.login_name, "password": password})
    return response.status_code == 200


def enrol(house: House, clock: FrozenClock, person: TestPerson) -> tuple[pyotp.TOTP, list[str]]:
    with house.ground.database.transaction() as session:
        made = house.people.totp.enrol(session, person.id, account_label="x", at=clock.now())
        totp = pyotp.TOTP(made.secret)
        assert house.people.totp.confirm(session, person.id, totp.at(clock.now()), at=clock.now())
        codes = house.people.recovery_codes.generate(session, person.id, at=clock.now())
    clock.advance(seconds=60)
    return totp, list(codes)
