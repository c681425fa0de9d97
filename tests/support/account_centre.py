"""Browsers in the account centre."""

from flask import Flask

from idp.house.build import House
from idp.login.account.current_password import Holder
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser


def logged_in(app: Flask, person: TestPerson) -> FormBrowser:
    browser = FormBrowser(app)
    browser.open("/account")
    assert browser.log_in(person).status_code == 200
    assert browser.path == "/account"
    return browser


def holder_of(house: House, person: TestPerson) -> Holder:
    """The holder of the one live session, as from a browser that nobody knows."""
    with house.ground.database.read() as session:
        rows = house.protocol.sessions.list_live(session, person.id)
    return Holder(person.id, rows[0].id, "x" * 43)
