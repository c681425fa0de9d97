"""A staff login, page by page."""

from dataclasses import replace

import pyotp

from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.staff import STAFF_PASSWORD, after_mobile, at_mobile, enrol, grant, shown_secret, staff_client

scenarios = Scenarios()
SHORT = "ten-herons"


def clerk(stage: Stage, password: str = PASSWORD) -> TestPerson:
    person = replace(stage.register(password=password), password=password)
    grant(stage.house, person)
    return person


def mobile_page(stage: Stage) -> tuple[FormBrowser, TestPerson]:
    person = clerk(stage)
    return at_mobile(stage.app, staff_client(stage.house), person), person


def code_page(stage: Stage) -> tuple[FormBrowser, TestPerson]:
    browser, person = mobile_page(stage)
    browser.submit({})
    assert browser.path.endswith("/staff/code")
    return browser, person


def totp_page(stage: Stage) -> tuple[FormBrowser, pyotp.TOTP]:
    browser = after_mobile(stage.house, stage.app, staff_client(stage.house), clerk(stage))
    assert browser.path.endswith("/staff/totp")
    return browser, shown_secret(browser)


def other_than(code: str) -> str:
    return "000000" if code != "000000" else "111111"


@scenarios.of("POST login.password", "login.failed")
def citizen_at_the_staff_login(stage: Stage) -> Act:
    person, browser = stage.register(), FormBrowser(stage.app)
    browser.open(staff_client(stage.house).authorize_path())
    return lambda: browser.log_in(person)


@scenarios.of("POST login.totp", "login.succeeded")
def totp(stage: Stage) -> Act:
    person, browser = clerk(stage), FormBrowser(stage.app)
    app = enrol(stage.house, person)
    stage.clock.advance(seconds=60)
    browser.open(staff_client(stage.house).authorize_path())
    browser.log_in(person)
    return lambda: browser.submit({"code": app.at(stage.clock.now())})


@scenarios.of("POST staff.mobile", "message.requested")
def mobile(stage: Stage) -> Act:
    browser, _ = mobile_page(stage)
    return lambda: browser.submit({})


@scenarios.of("POST staff.code", "login.failed")
def wrong_code(stage: Stage) -> Act:
    browser, person = code_page(stage)
    wrong = other_than(stage.code("staff_code", person.mobile))
    return lambda: browser.submit({"code": wrong})


@scenarios.of("POST staff.resend", "message.requested")
def resend(stage: Stage) -> Act:
    browser, _ = code_page(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST staff.password", "credential.changed password")
def password(stage: Stage) -> Act:
    browser = after_mobile(stage.house, stage.app, staff_client(stage.house), clerk(stage, SHORT))
    assert browser.path.endswith("/staff/password")
    return lambda: browser.submit({"password": STAFF_PASSWORD})


@scenarios.of("POST staff.totp", "credential.added totp", "credential.added recovery_code")
def first_app(stage: Stage) -> Act:
    browser, app = totp_page(stage)
    return lambda: browser.submit({"code": app.at(stage.clock.now())})


@scenarios.of("POST staff.totp", "login.failed")
def wrong_first_code(stage: Stage) -> Act:
    browser, app = totp_page(stage)
    return lambda: browser.submit({"code": other_than(app.at(stage.clock.now()))})
