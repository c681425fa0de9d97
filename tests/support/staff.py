"""Staff for tests: roles, clients for staff, and a person at each page of a staff login."""

import re
from dataclasses import replace
from typing import Any

import pyotp
from flask import Flask

from idp.core.results import Ok
from idp.house.build import House
from idp.persons.credentials import change_password
from idp.persons.departments import create_department, find_department
from idp.persons.registration import NewPerson
from idp.persons.roles import Role
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client
from tests.support.sent import code_of

DEPARTMENT = "hall-1"
STAFF_PASSWORD = "fifteen-herons7"  # fifteen characters, made up
STAFF_COOKIE = "yihao_staff"


def grant(
    house: House, person: TestPerson, role: Role = Role.CLERK, department: str = DEPARTMENT, **extra: Any
) -> None:
    """Give a person a role in the tests' department, which is made where it is missing."""
    with house.ground.database.transaction() as session:
        if find_department(session, department) is None:
            create_department(session, code=department, name="测试大厅", at=house.ground.clock.now())
    granted = house.protocol.roles.grant(person.id, role, department, by=None, **extra)
    assert isinstance(granted, Ok), granted


def revoke(house: House, person: TestPerson, role: Role = Role.CLERK) -> int:
    """Take the role away and return how many staff sessions ended."""
    revoked = house.protocol.roles.revoke(person.id, role, DEPARTMENT)
    assert isinstance(revoked, Ok), revoked
    ended: int = revoked.value.ended_sessions
    return ended


def staff_client(house: House, **extra: Any) -> RelyingParty:
    """Register a client for staff."""
    policy = {"require_consent": False, "for_staff": True, **extra.pop("policy", {})}
    return make_client(house, **{"scope": "openid profile", "policy": policy, **extra})


def enrol(house: House, person: TestPerson) -> pyotp.TOTP:
    """Give a person an app, straight in the database; its present code is used up."""
    totp, now = pyotp.TOTP(pyotp.random_base32()), house.ground.clock.now()
    with house.ground.database.transaction() as session:
        assert house.people.totp.adopt(session, person.id, totp.secret, totp.at(now), at=now)
    return totp


def ready_staff(
    house: House, clock: FrozenClock, person: TestPerson, department: str = DEPARTMENT
) -> tuple[TestPerson, pyotp.TOTP]:
    """Make a person staff who need no further steps: role, password for staff, app."""
    grant(house, person, department=department)
    with house.ground.database.transaction() as session:
        new_hash = house.people.passwords.hash(STAFF_PASSWORD)
        change_password(session, person.id, new_hash, at=clock.now())
    totp = enrol(house, person)
    clock.advance(seconds=60)
    return replace(person, password=STAFF_PASSWORD), totp


def made_clerk(house: House, *, mobile: str, login_name: str, password: str = "ten-herons") -> TestPerson:
    """Make a person with a role who never logged in as staff, outside the tests' own fixtures."""
    new = NewPerson(
        name="王小红", mobile=mobile, login_name=login_name, password_hash=house.people.passwords.hash(password)
    )
    with house.ground.database.transaction() as session:
        person_id = house.people.registration.register(session, new)
    person = TestPerson(person_id, new.name, "", mobile, login_name, password)
    grant(house, person)
    return person


def log_in_staff(
    app: Flask, clock: FrozenClock, party: RelyingParty, person: TestPerson, totp: pyotp.TOTP, **parameters: Any
) -> FormBrowser:
    """Log ready staff in at a client; the clock moves on, so that the code is another one than the last."""
    browser = parameters.pop("browser", None) or FormBrowser(app)
    browser.open(party.authorize_path(**parameters))
    browser.log_in(person)
    assert browser.path.endswith("/login/totp"), browser.path
    clock.advance(seconds=30)
    browser.submit({"code": totp.at(clock.now())})
    return browser


def at_mobile(app: Flask, party: RelyingParty, person: TestPerson) -> FormBrowser:
    """A browser after the password of a first staff login."""
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(person)
    assert browser.path.endswith("/staff/mobile"), browser.path
    return browser


def after_mobile(house: House, app: Flask, party: RelyingParty, person: TestPerson) -> FormBrowser:
    """A browser after the code to the mobile."""
    browser = at_mobile(app, party, person)
    browser.submit({})
    assert browser.path.endswith("/staff/code"), browser.path
    browser.submit({"code": code_of(house, "staff_code", person.mobile)})
    return browser


def shown_secret(browser: FormBrowser) -> pyotp.TOTP:
    """Return the app that scanned the page's picture."""
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', browser.text)
    assert found is not None, browser.path
    return pyotp.TOTP(found[1].replace(" ", ""))
