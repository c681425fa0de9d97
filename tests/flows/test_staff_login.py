"""Staff logins over HTTP: the first one with its steps, later ones, and what they refuse."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, parameters_of
from tests.support.sent import audited, code_of, sent
from tests.support.staff import (
    STAFF_COOKIE,
    STAFF_PASSWORD,
    after_mobile,
    at_mobile,
    enrol,
    grant,
    log_in_staff,
    ready_staff,
    revoke,
    shown_secret,
    staff_client,
)

Register = Callable[..., TestPerson]
CITIZEN_PASSWORD = "ten-herons"  # good for a citizen, five short for staff


@pytest.fixture
def party(house: House) -> RelyingParty:
    return staff_client(house)


@pytest.fixture
def clerk(house: House, register_person: Register) -> TestPerson:
    """A registered citizen who was granted a role and never logged in as staff."""
    person = register_person(password=CITIZEN_PASSWORD)
    grant(house, person)
    return replace(person, password=CITIZEN_PASSWORD)


def test_a_first_staff_login_confirms_the_mobile_and_sets_password_and_app(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, clerk: TestPerson
) -> None:
    """Password, code by SMS, a password for staff, an app, recovery codes; only then a session, at level two."""
    browser = after_mobile(house, app, party, clerk)
    assert browser.path.endswith("/staff/password")
    clock.advance(seconds=1)
    browser.submit({"password": STAFF_PASSWORD})
    assert browser.path.endswith("/staff/totp")
    totp = shown_secret(browser)
    assert 'src="data:image/svg+xml' in browser.text
    assert browser.client.get_cookie(STAFF_COOKIE) is None
    response = browser.submit({"code": totp.at(clock.now())})
    assert (
        response.status_code == 200 and len(re.findall(r"<li>[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}</li>", browser.text)) == 10
    )
    assert response.headers["Cache-Control"] == "no-store"
    assert browser.client.get_cookie(STAFF_COOKIE) is None  # nothing began before the codes were shown
    browser.open(re.search(r'id="codes-kept" href="([^"]+)"', browser.text)[1])  # type: ignore[index]
    assert "code" in parameters_of(browser.location)
    (row,) = audited(house, "login.succeeded", clerk.id)
    assert row.details == {"amr": ["otp", "pwd", "sms"], "aal": 2, "staff": True}
    for template in ("password_changed", "totp_enabled"):
        assert len(sent(house, template, clerk.mobile)) == 1
    clock.advance(seconds=60)
    again = log_in_staff(app, clock, party, replace(clerk, password=STAFF_PASSWORD), totp)
    assert "code" in parameters_of(again.location)


def test_a_later_staff_login_asks_password_and_app(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, register_person: Register
) -> None:
    """Nothing else is asked, and the app is asked on a known device as well."""
    clerk, totp = ready_staff(house, clock, register_person())
    browser = log_in_staff(app, clock, party, clerk, totp)
    tokens = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    assert tokens["access_token"] and tokens["refresh_token"]
    browser.client.delete_cookie(STAFF_COOKIE)
    again = log_in_staff(app, clock, party, clerk, totp, browser=browser)
    assert "code" in parameters_of(again.location)
    assert sent(house, "staff_code") == []


def test_a_wrong_code_from_the_app_opens_nothing(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, register_person: Register
) -> None:
    """The password alone gets as far as the question, and no page leads past it."""
    clerk, totp = ready_staff(house, clock, register_person())
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(clerk)
    wrong = "000000" if totp.at(clock.now()) != "000000" else "111111"
    assert browser.submit({"code": wrong}).status_code == 422
    base = browser.path.removesuffix("/login/totp")
    for path in (
        "/staff/mobile",
        "/staff/code",
        "/staff/password",
        "/staff/totp",
        "/continue",
        "/login/sms",
        "/register",
    ):
        browser.open(base + path)
        assert browser.path == base + "/login/totp", path
    assert browser.client.get_cookie(STAFF_COOKIE) is None


def test_a_recovery_code_stands_for_the_app(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, register_person: Register
) -> None:
    """Recovery codes work as for citizens, once each; the lost app itself is not removed by its owner."""
    clerk, _ = ready_staff(house, clock, register_person())
    with house.ground.database.transaction() as session:
        codes = house.people.recovery_codes.generate(session, clerk.id, at=clock.now())
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(clerk)
    assert "/recovery/lost-app" not in browser.text
    totp_page = browser.path
    browser.submit({}, totp_page.replace("/login/totp", "/recovery/lost-app"))
    assert browser.path == totp_page and sent(house, "recovery_code") == []
    browser.open(totp_page.replace("/totp", "/recovery-code"))
    browser.submit({"code": codes[0]})
    assert "code" in parameters_of(browser.location)


def test_no_app_without_the_code_to_the_mobile(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, clerk: TestPerson
) -> None:
    """A stolen password shows no secret and enrols nothing, at the staff login or in the account centre."""
    browser = at_mobile(app, party, clerk)
    assert clerk.mobile[3:] not in browser.text and "138****" in browser.text
    base = browser.path.removesuffix("/staff/mobile")
    for path in ("/staff/totp", "/staff/password"):
        browser.open(base + path)
        assert browser.path == base + "/staff/mobile"
    browser.submit({})
    wrong = "000000" if code_of(house, "staff_code", clerk.mobile) != "000000" else "111111"
    for _ in range(house.settings.login.code_tries):
        assert browser.submit({"code": wrong}).status_code == 422
    assert browser.submit({"code": code_of(house, "staff_code", clerk.mobile)}).status_code == 422
    browser.open(base + "/staff/totp")
    assert browser.path == base + "/staff/mobile"
    thief = FormBrowser(app)
    thief.open("/account/totp")
    thief.log_in(clerk)
    assert thief.submit({"current_password": clerk.password}).status_code == 422
    assert 'class="secret"' not in thief.text
    thief.open("/account/contact")
    assert thief.submit({"current_password": clerk.password, "mobile": "13900139009"}).status_code == 422
    assert sent(house, "contact_code") == []
    with house.ground.database.read() as session:
        assert not house.people.totp.is_enrolled(session, clerk.id)


def test_a_code_to_another_persons_mobile_counts_for_nobody_else(
    house: House, app: Flask, party: RelyingParty, clerk: TestPerson, register_person: Register
) -> None:
    """Who goes on as somebody else within one login proves the mobile anew."""
    other = register_person()
    grant(house, other)
    browser = after_mobile(house, app, party, clerk)
    browser.open(browser.path.replace("/staff/password", "/login"))
    browser.log_in(other)
    assert browser.path.endswith("/staff/mobile")


@pytest.mark.parametrize(
    ("typed", "is_good"),
    [("fifteen-herons", False), (STAFF_PASSWORD, True), ("passwordpassword", False), ("1380013800111111", False)],
)
def test_the_policy_for_staff_is_asked_within_the_login(
    house: House, app: Flask, party: RelyingParty, clerk: TestPerson, typed: str, is_good: bool
) -> None:
    """Fourteen characters, common ones and one's own number are refused; fifteen of one's own are taken."""
    browser = after_mobile(house, app, party, clerk)
    assert "15" in browser.text
    response = browser.submit({"password": typed})
    assert (response.status_code == 422) is not is_good
    assert browser.path.endswith("/staff/totp" if is_good else "/staff/password")


@pytest.mark.parametrize(("password", "page"), [("fifteen-herons", "password"), (STAFF_PASSWORD, "totp")])
def test_a_password_that_is_good_already_stays(
    house: House, app: Flask, party: RelyingParty, register_person: Register, password: str, page: str
) -> None:
    """Only who types less than fifteen characters is asked for another password."""
    clerk = replace(register_person(password=password), password=password)
    grant(house, clerk)
    assert after_mobile(house, app, party, clerk).path.endswith(f"/staff/{page}")


def test_a_weak_password_is_replaced_after_the_app_not_before(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, clerk: TestPerson
) -> None:
    """Who has an app proves it before the password may be exchanged; then the staff session begins."""
    totp = enrol(house, clerk)
    clock.advance(seconds=60)
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(clerk)
    assert browser.path.endswith("/login/totp")
    browser.submit({"code": totp.at(clock.now())})
    assert browser.path.endswith("/staff/password")
    clock.advance(seconds=1)
    browser.submit({"password": STAFF_PASSWORD})
    assert "code" in parameters_of(browser.location)


def test_a_password_changed_by_its_owner_meanwhile_is_not_replaced(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, clerk: TestPerson
) -> None:
    """A login that was begun with the old password ends; what the owner chose stays."""
    browser = after_mobile(house, app, party, clerk)
    clock.advance(seconds=5)
    owner = FormBrowser(app)
    owner.open("/account/password")
    owner.log_in(clerk)
    assert "15" in owner.text
    assert owner.submit({"current_password": clerk.password, "password": "fifteen-herons"}).status_code == 422
    owner.submit({"current_password": clerk.password, "password": "my-own-new-one-77"})
    assert owner.path == "/account/security"
    page = browser.path
    browser.submit({"password": STAFF_PASSWORD})
    assert browser.path == page and "csrf_token" not in browser.text.split("</header>")[1]
    again = at_mobile(app, party, replace(clerk, password="my-own-new-one-77"))
    assert again.path.endswith("/staff/mobile")


def test_a_role_that_ends_on_the_way_ends_the_login(
    house: House, app: Flask, party: RelyingParty, clerk: TestPerson
) -> None:
    """A page that was open already enrols nothing once the role is gone."""
    browser = after_mobile(house, app, party, clerk)
    browser.submit({"password": STAFF_PASSWORD})
    totp, clock = shown_secret(browser), house.ground.clock
    revoke(house, clerk)
    browser.submit({"code": totp.at(clock.now())})
    assert browser.path.endswith("/login")
    with house.ground.database.read() as session:
        assert not house.people.totp.is_enrolled(session, clerk.id)
