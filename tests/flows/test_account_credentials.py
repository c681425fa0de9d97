"""Credentials in the account centre over HTTP: password, mobile and app are changed by who proves enough."""

from collections.abc import Callable

import pyotp
import pytest
from flask import Flask

from idp.audit.log import NOWHERE
from idp.core.errors import LoginRefused
from idp.house.build import House
from idp.login.refusal import Refusal
from tests.support.account_centre import holder_of, logged_in
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser, make_client, parameters_of
from tests.support.sent import at_once, audited, code_of, sent

Register = Callable[..., TestPerson]
NEW_PASSWORD = "eleven-quiet-herons-3"
NEW_MOBILE = "+8613900139001"


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


def test_a_changed_password_ends_everything_else(house: House, app: Flask, person: TestPerson) -> None:
    """Other sessions, refresh tokens and the old cookie end; the contacts are told; the old one fits no more."""
    party, other = make_client(house), FormBrowser(app)
    other.open(party.authorize_path(scope="openid offline_access"))
    other.log_in(person)
    tokens = party.redeem(app.test_client(), parameters_of(other.location)["code"]).get_json()
    browser = logged_in(app, person)
    stolen = browser.client.get_cookie("yihao_session")
    assert stolen is not None
    browser.open("/account/password")
    browser.submit({"current_password": PASSWORD, "password": NEW_PASSWORD})
    assert browser.path == "/account/security"
    assert other.client.get("/account").status_code == 303
    assert browser.client.get("/account").status_code == 200
    thief = app.test_client()
    thief.set_cookie("yihao_session", stolen.value)
    assert thief.get("/account").status_code == 303
    refreshed = party.token(app.test_client(), grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.get_json()["error"] == "invalid_grant"
    assert len(sent(house, "password_changed", person.mobile)) == 1
    assert len(audited(house, "credential.changed", person.id)) == 1
    again = FormBrowser(app)
    again.open("/login")
    assert again.log_in(person).status_code == 422


@pytest.mark.parametrize(
    ("current", "new"),
    [("not-the-password", NEW_PASSWORD), (PASSWORD, "short"), (PASSWORD, PASSWORD), (PASSWORD, "x19491231secret")],
    ids=["wrong", "short", "same", "birth date"],
)
def test_a_refused_password_changes_nothing(
    house: House, app: Flask, person: TestPerson, current: str, new: str
) -> None:
    """Wrong current password, policy, the same again, words of the person's own: 422 and no notice."""
    browser = logged_in(app, person)
    browser.open("/account/password")
    assert browser.submit({"current_password": current, "password": new}).status_code == 422
    assert sent(house, "password_changed") == []
    assert audited(house, "credential.changed", person.id) == []


def test_wrong_current_passwords_are_counted_and_lock(house: House, app: Flask, person: TestPerson) -> None:
    """After the tries of a login even the right password is refused, in the same words (ASVS 6.3.1)."""
    browser = logged_in(app, person)
    browser.open("/account/password")
    pages = set()
    for _ in range(house.settings.login.tries_before_lock):
        browser.submit({"current_password": "wrong-one-entirely", "password": NEW_PASSWORD})
        pages.add(browser.text_without_token)
    response = browser.submit({"current_password": PASSWORD, "password": NEW_PASSWORD})
    pages.add(browser.text_without_token)
    assert response.status_code == 422 and len(pages) == 1
    reasons = [row.reason for row in audited(house, "reauthentication.failed", person.id)]
    assert reasons.count("wrong_password") == house.settings.login.tries_before_lock
    assert reasons.count("blocked") == 1


def test_of_two_password_changes_at_once_one_wins(house: House, app: Flask, person: TestPerson) -> None:
    """Both knew the old password; the second finds it changed."""
    logged_in(app, person)
    mine = holder_of(house, person)
    results = at_once(
        2,
        lambda: house.login.account.password.change(mine, PASSWORD, NEW_PASSWORD, locale="en", origin=NOWHERE),
    )
    assert sum(isinstance(each, LoginRefused) for each in results) == 1
    assert len(audited(house, "credential.changed", person.id)) == 1


def test_a_new_mobile_is_verified_and_both_are_told(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """Password, code to the new number, notices to the old and the new; the code fits once."""
    browser = logged_in(app, person)
    browser.open("/account/contact")
    browser.submit({"current_password": PASSWORD, "mobile": "139 0013 9001"})
    assert browser.path == "/account/contact/code"
    code = code_of(house, "contact_code", NEW_MOBILE)
    assert browser.submit({"code": "000000" if code != "000000" else "111111"}).status_code == 422
    browser.submit({"code": code})
    assert browser.path == "/account/security"
    assert {each["to"] for each in sent(house, "contact_changed")} == {person.mobile, NEW_MOBILE}
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_mobile(session, NEW_MOBILE)
        assert found is not None and found.person_id == person.id
        assert house.people.directory.find_by_mobile(session, person.mobile) is None
    changed = [row for row in audited(house, "contact.changed", person.id) if row.outcome == "success"]
    assert len(changed) == 1
    browser.open("/account/contact/code")
    assert browser.path == "/account/contact"


def test_a_code_for_a_new_mobile_is_used_once(house: House, app: Flask, person: TestPerson) -> None:
    """Of two confirmations at the same moment one wins."""
    logged_in(app, person)
    mine, steps = holder_of(house, person), house.login.account.contact
    steps.start(mine, PASSWORD, NEW_MOBILE, locale="en", origin=NOWHERE)
    code = code_of(house, "contact_code", NEW_MOBILE)
    results = at_once(2, lambda: steps.submit(mine, code, locale="en", origin=NOWHERE))
    assert sum(isinstance(each, LoginRefused) for each in results) == 1
    assert len(sent(house, "contact_changed", NEW_MOBILE)) == 1


def test_a_mobile_of_somebody_else_looks_free_and_never_moves(
    house: House, app: Flask, register_person: Register
) -> None:
    """The page is the same; the truth goes to that mobile, and no code fits."""
    person, other = register_person(), register_person()
    pages = []
    for mobile in (NEW_MOBILE, other.mobile):
        browser = logged_in(app, person)
        browser.open("/account/contact")
        browser.submit({"current_password": PASSWORD, "mobile": mobile})
        pages.append(browser.text_without_token.replace(mobile[3:6], "").replace(mobile[-4:], ""))
    assert pages[0] == pages[1]
    assert sent(house, "contact_code", other.mobile) == []
    assert len(sent(house, "contact_known_mobile", other.mobile)) == 1
    assert browser.submit({"code": "123456"}).status_code == 422
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_mobile(session, other.mobile)
    assert found is not None and found.person_id == other.id


def test_a_change_of_mobile_belongs_to_its_session(house: House, app: Flask, person: TestPerson) -> None:
    """Another session of the same person does not see what is under way, and a wrong password sends nothing."""
    browser, other = logged_in(app, person), logged_in(app, person)
    browser.open("/account/contact")
    assert browser.submit({"current_password": "wrong-one", "mobile": NEW_MOBILE}).status_code == 422
    assert sent(house, "contact_code") == []
    browser.submit({"current_password": PASSWORD, "mobile": NEW_MOBILE})
    other.open("/account/contact/code")
    assert other.path == "/account/contact"


def enrol(house: House, browser: FormBrowser, clock: FrozenClock) -> tuple[pyotp.TOTP, list[str]]:
    browser.open("/account/totp")
    browser.submit({"current_password": PASSWORD})
    secret = browser.text.split('class="secret" translate="no">')[1].split("<")[0].replace(" ", "")
    app = pyotp.TOTP(secret)
    browser.submit({"code": app.at(clock.now())})
    codes = [each.split("</li>")[0] for each in browser.text.split('<ol class="codes"')[1].split("<li>")[1:]]
    clock.advance(seconds=60)
    return app, codes


def test_an_app_is_set_up_replaced_never_and_removed_with_both_factors(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """Password, picture, first code, ten recovery codes once; removing asks for password and code."""
    browser = logged_in(app, person)
    browser.open("/account/totp")
    assert 'id="code"' not in browser.text
    assert browser.submit({"current_password": "wrong-one"}).status_code == 422
    totp, codes = enrol(house, browser, clock)
    assert len(set(codes)) == 10 and browser.path == "/account/totp"
    assert len(sent(house, "totp_enabled", person.mobile)) == 1
    browser.open("/account/totp")
    assert browser.path == "/account/security"
    with pytest.raises(LoginRefused):
        house.login.account.authenticator.start(holder_of(house, person), PASSWORD, origin=NOWHERE)
    browser.open("/account/totp/remove")
    assert browser.submit({"current_password": PASSWORD, "code": "ABCD-ABCD-ABCD-ABCD"}).status_code == 422
    assert browser.submit({"current_password": "wrong", "code": totp.at(clock.now())}).status_code == 422
    browser.submit({"current_password": PASSWORD, "code": totp.at(clock.now())})
    assert browser.path == "/account/security"
    assert len(sent(house, "totp_removed", person.mobile)) == 1
    with house.ground.database.read() as session:
        assert not house.people.totp.is_enrolled(session, person.id)
        assert house.people.recovery_codes.count_left(session, person.id) == 0


def test_recovery_codes_are_made_anew_with_both_factors(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """The button asks first; a recovery code serves as the second factor, and the old set ends."""
    browser = logged_in(app, person)
    _, codes = enrol(house, browser, clock)
    browser.open("/account/security")
    browser.submit({}, "/account/recovery-codes")
    assert 'id="current_password"' in browser.text
    assert browser.submit({"current_password": "wrong", "code": codes[0]}).status_code == 422
    browser.submit({"current_password": PASSWORD, "code": codes[0]})
    assert browser.text.count("<li>") >= 10 and codes[1] not in browser.text
    assert len(sent(house, "recovery_codes_made", person.mobile)) == 1
    assert len(sent(house, "recovery_code_used", person.mobile)) == 1
    browser.open("/account/security")
    browser.submit({}, "/account/recovery-codes")
    assert browser.submit({"current_password": PASSWORD, "code": codes[1]}).status_code == 422


def test_an_app_is_confirmed_once(house: House, app: Flask, clock: FrozenClock, person: TestPerson) -> None:
    """Of two confirmations at the same moment one wins, so there is one set of recovery codes."""
    logged_in(app, person)
    mine, steps = holder_of(house, person), house.login.account.authenticator
    with pytest.raises(LoginRefused) as refused:
        steps.confirm(mine, "123456", locale="en", origin=NOWHERE)
    assert refused.value.reason is Refusal.CODE
    steps.start(mine, PASSWORD, origin=NOWHERE)
    enrolment = steps.enrolment(mine)
    assert enrolment is not None
    code = pyotp.TOTP(enrolment.secret).at(clock.now())
    results = at_once(2, lambda: steps.confirm(mine, code, locale="en", origin=NOWHERE))
    assert sum(isinstance(each, LoginRefused) for each in results) == 1
    assert len(sent(house, "totp_enabled")) == 1
