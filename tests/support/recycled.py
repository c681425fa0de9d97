"""Newcomers to a mobile that another account has, and what the house does about it."""

from flask import Flask

from idp.house.build import House
from idp.house.upkeep import build_upkeep
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import code_of

WEEK = 604_800
OTHER_MOBILE = "+8613900139001"
EMAIL = "holder@example.com"


def registering(
    house: House, app: Flask, mobile: str, template: str = "registration_known_mobile", *, password: str = PASSWORD
) -> FormBrowser:
    """A browser of somebody who typed the mobile and the code that came to it."""
    browser = FormBrowser(app)
    browser.open("/register")
    form = {"name": "李小红", "number": "11010519491231002X", "mobile": mobile, "password": password, "terms": "y"}
    browser.submit(form)
    assert browser.path.endswith("/register/code"), browser.text
    browser.submit({"code": code_of(house, template, mobile)})
    return browser


def asked(house: House, app: Flask, holder: TestPerson) -> FormBrowser:
    """A newcomer who asked for the release."""
    browser = registering(house, app, holder.mobile)
    assert browser.path.endswith("/mobile/in-use"), browser.path
    browser.submit({})
    assert browser.path.endswith("/mobile/in-use")
    return browser


def known(app: Flask, person: TestPerson) -> FormBrowser:
    """A browser that the person is known by, logged out."""
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(person)
    browser.client.delete_cookie("yihao_session")
    return browser


def held_by(house: House, mobile: str) -> str | None:
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_mobile(session, mobile)
    return found.person_id if found else None


def run_upkeep(house: House) -> None:
    assert "mobile releases" in build_upkeep(house).run_due()
