"""What a staff role changes in its holder's account: the app, the password, the recovery."""

from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import code_of
from tests.support.staff import STAFF_PASSWORD, enrol, grant, ready_staff, revoke

Register = Callable[..., TestPerson]


def test_the_app_of_staff_stays_as_long_as_the_role(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """The account centre removes it before the role and after it, not meanwhile; a new mobile needs it."""
    clerk, totp = ready_staff(house, clock, register_person())
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(clerk)
    browser.submit({"code": totp.at(clock.now())})
    clock.advance(seconds=60)
    browser.open("/account/security")
    assert "/account/totp/remove" not in browser.text
    browser.open("/account/totp/remove")
    both = {"current_password": clerk.password, "code": totp.at(clock.now())}
    assert browser.submit(both).status_code == 422
    browser.open("/account/contact")
    browser.submit({"current_password": clerk.password, "mobile": "13900139009"})
    assert browser.path == "/account/contact/code"
    revoke(house, clerk)
    clock.advance(seconds=60)
    browser.open("/account/totp/remove")
    browser.submit({**both, "code": totp.at(clock.now())})
    assert browser.path == "/account/security"


def test_a_recovered_password_of_staff_keeps_to_the_policy_for_staff(
    house: House, app: Flask, register_person: Register
) -> None:
    """Fourteen characters are refused in a recovery too, and fifteen taken; roles are shown to their holder."""
    clerk = replace(register_person(password="ten-herons"), password="ten-herons")
    grant(house, clerk)
    known = FormBrowser(app)
    known.open("/account")
    known.log_in(clerk)
    assert "测试大厅" in known.text and ("窗口工作人员" in known.text or "Counter clerk" in known.text)
    known.open("/recovery")
    known.submit({"identifier": clerk.login_name})
    known.submit({"code": code_of(house, "recovery_code", clerk.mobile)})
    assert known.path.endswith("/recovery/password") and "15" in known.text
    assert known.submit({"password": "fifteen-herons"}).status_code == 422
    known.submit({"password": STAFF_PASSWORD})
    assert known.path.endswith("/recovery/done")


def test_a_lost_app_that_waits_is_not_removed_from_who_became_staff(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """A role granted during the waiting time keeps the app."""
    person = register_person()
    enrol(house, person)
    clock.advance(seconds=60)
    browser = FormBrowser(app)

    def to_code_page() -> None:
        browser.open("/account")
        browser.log_in(person)
        browser.submit({}, browser.path.replace("/login/totp", "/recovery/lost-app"))

    to_code_page()
    browser.submit({"code": code_of(house, "recovery_code", person.mobile)})
    assert browser.path.endswith("/recovery/waiting")
    clock.advance(seconds=86_401)
    to_code_page()
    grant(house, person)
    assert browser.submit({"code": code_of(house, "recovery_code", person.mobile)}).status_code == 422
    with house.ground.database.read() as session:
        assert house.people.totp.is_enrolled(session, person.id)
