"""A login that was left at its second step: what was changed meanwhile counts."""

from collections.abc import Callable

import pyotp
from flask import Flask

from idp.house.build import House
from tests.flows.test_account_credentials import NEW_PASSWORD, enrol
from tests.support.account_centre import logged_in
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser

Register = Callable[..., TestPerson]


def half_way(app: Flask, person: TestPerson) -> FormBrowser:
    """A browser that proved the password and is asked for the app's code."""
    browser = FormBrowser(app)
    browser.open("/account")
    assert browser.log_in(person).status_code == 200
    assert browser.path.endswith("/totp")
    return browser


def finish(browser: FormBrowser, totp: pyotp.TOTP, clock: FrozenClock) -> bool:
    """Give the app's code and tell whether that logged in."""
    clock.advance(seconds=60)  # no code is taken twice
    browser.submit({"code": totp.at(clock.now())})
    browser.open("/account")
    return browser.path == "/account"


def test_a_login_begun_before_the_password_was_changed_is_not_finished(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """Whoever knew the old password and waited at the second step is shut out by the change; others go on."""
    person = register_person()
    owner = logged_in(app, person)
    totp, _ = enrol(house, owner, clock)
    assert finish(half_way(app, person), totp, clock)
    thief = half_way(app, person)
    clock.advance(seconds=60)
    owner.open("/account/password")
    owner.submit({"current_password": PASSWORD, "password": NEW_PASSWORD})
    assert owner.path == "/account/security"
    assert not finish(thief, totp, clock)
