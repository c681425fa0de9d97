"""The waiting time of a recovery over HTTP: what begins it, what it opens, what ends it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.forgotten import DAY, NEW_PASSWORD, enrol, may_log_in, waiting
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited, code_of, sent

Register = Callable[..., TestPerson]


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


def test_code_and_number_set_no_password_before_the_waiting_time(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """Without a second proof a day passes, with notices at its start; then code and number are asked for again."""
    browser = waiting(house, app, person)
    assert browser.path.endswith("/recovery/waiting")
    assert len(sent(house, "recovery_started", person.mobile)) == 1
    interaction = re.match(r"/i/[^/]+", browser.path)
    assert interaction is not None
    browser.open(interaction[0] + "/recovery/password")
    assert browser.path.endswith("/recovery/waiting")
    clock.advance(seconds=DAY - 1)
    browser = waiting(house, app, person, browser)
    assert browser.path.endswith("/recovery/waiting")
    assert len(audited(house, "recovery.started", person.id)) == 1
    clock.advance(seconds=61)
    browser = waiting(house, app, person, browser)
    browser.submit({"password": NEW_PASSWORD})
    assert browser.path.endswith("/recovery/done")
    assert may_log_in(app, person, NEW_PASSWORD)


def test_another_browser_does_not_take_over_the_waiting(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """A recovery belongs to the browser that began it; it expires a week after it opened."""
    browser = waiting(house, app, person)
    clock.advance(seconds=DAY + 1)
    assert waiting(house, app, person).path.endswith("/recovery/waiting")
    clock.advance(days=7)
    assert waiting(house, app, person, browser).path.endswith("/recovery/waiting")


def test_a_login_cancels_the_waiting(house: House, app: Flask, clock: FrozenClock, person: TestPerson) -> None:
    """Whoever logs in needs no recovery: one that waits is ended and audited."""
    browser = waiting(house, app, person)
    assert may_log_in(app, person, PASSWORD)
    cancelled = audited(house, "recovery.cancelled", person.id)
    assert [row.reason for row in cancelled] == ["login"]
    clock.advance(seconds=DAY + 1)
    assert waiting(house, app, person, browser).path.endswith("/recovery/waiting")


def test_a_login_cancels_even_a_recovery_that_is_about_to_finish(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """The password page is open already when the owner logs in: nothing is set."""
    browser = waiting(house, app, person)
    clock.advance(seconds=DAY + 1)
    browser = waiting(house, app, person, browser)
    assert browser.path.endswith("/recovery/password")
    assert may_log_in(app, person, PASSWORD)
    browser.submit({"password": NEW_PASSWORD})
    assert browser.path.endswith("/recovery")
    assert may_log_in(app, person, PASSWORD)
    assert not may_log_in(app, person, NEW_PASSWORD)


def test_the_owner_sees_and_cancels_it_in_the_account_centre(house: House, app: Flask, person: TestPerson) -> None:
    """A login that was there before shows the recovery, and its button ends it."""
    owner = FormBrowser(app)
    owner.open("/account")
    owner.log_in(person)
    waiting(house, app, person)
    owner.open("/account")
    assert "/account/recovery/cancel" in owner.text
    owner.submit({}, "/account/recovery/cancel")
    assert "/account/recovery/cancel" not in owner.text
    assert [row.reason for row in audited(house, "recovery.cancelled", person.id)] == ["by_person"]


def test_a_lost_app_is_removed_after_the_waiting_time(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """Password and mobile code begin it, everybody is told; it is done a day later, from the same browser."""
    enrol(house, clock, person)
    browser = FormBrowser(app)

    def lost() -> None:
        browser.open("/account")
        browser.log_in(person)
        assert browser.path.endswith("/login/totp")
        browser.submit({}, browser.path.replace("/login/totp", "/recovery/lost-app"))
        browser.submit({"code": code_of(house, "recovery_code", person.mobile)})

    lost()
    assert browser.path.endswith("/recovery/waiting")
    assert len(sent(house, "totp_recovery_started", person.mobile)) == 1
    clock.advance(seconds=DAY + 1)
    lost()
    assert browser.path == "/account"
    assert len(sent(house, "totp_removed", person.mobile)) == 1
    with house.ground.database.read() as session:
        assert not house.people.totp.is_enrolled(session, person.id)
        assert house.people.recovery_codes.count_left(session, person.id) == 0
