"""A mobile that somebody else proved, as its holder meets it: notices, objections, and another number."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from idp.audit.log import NOWHERE
from idp.house.build import House
from idp.login.released_mobiles import Standing
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.recycled import EMAIL, OTHER_MOBILE, WEEK, asked, held_by, known, registering, run_upkeep
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited, code_of, sent

Register = Callable[..., TestPerson]


@pytest.fixture
def holder(register_person: Register) -> TestPerson:
    """Who has the mobile now, and an e-mail address beside it."""
    return register_person(email=EMAIL, email_verified=True)


def test_the_notice_lets_its_reader_object(house: House, app: Flask, clock: FrozenClock, holder: TestPerson) -> None:
    """Opening the link changes nothing, the button does, once; the newcomer is told and sent to a hall."""
    asked(house, app, holder)
    link = urlsplit(sent(house, "mobile_release_started")[0]["parameters"]["link"])
    stranger = FormBrowser(app)
    stranger.open(f"{link.path}?token={'x' * 43}")
    assert 'id="keep-submit"' not in stranger.text
    stranger.open(f"{link.path}?{link.query}")
    assert 'id="keep-submit"' in stranger.text
    assert audited(house, "mobile_release.kept", holder.id) == []
    token = link.query.removeprefix("token=")
    stranger.submit({"token": token}, link.path)
    assert [row.reason for row in audited(house, "mobile_release.kept", holder.id)] == ["notice"]
    assert [each["to"] for each in sent(house, "mobile_kept")] == [EMAIL]
    assert [each["to"] for each in sent(house, "mobile_release_refused")] == [holder.mobile]
    stranger.open(f"{link.path}?{link.query}")
    stranger.submit({"token": token}, link.path)
    assert len(audited(house, "mobile_release.kept", holder.id)) == 1
    clock.advance(seconds=WEEK + 1)
    run_upkeep(house)
    assert held_by(house, holder.mobile) == holder.id
    asked(house, app, holder)  # lately kept: nothing begins
    assert len(audited(house, "mobile_release.started", holder.id)) == 1
    clock.advance(seconds=30 * 86_400)
    asked(house, app, holder)
    assert len(audited(house, "mobile_release.started", holder.id)) == 2


def test_a_login_on_a_known_device_asks_and_keeps(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson
) -> None:
    """The login has one step more, in which the holder says that the mobile is theirs."""
    browser = known(app, holder)
    asked(house, app, holder)
    browser.open("/account")
    browser.log_in(holder)
    assert browser.path.endswith("/login/mobile/keep")
    browser.submit({})
    assert browser.path == "/account"
    assert [row.reason for row in audited(house, "mobile_release.kept", holder.id)] == ["login"]
    clock.advance(seconds=WEEK)
    run_upkeep(house)
    assert held_by(house, holder.mobile) == holder.id


def test_a_password_from_anywhere_does_not_object(house: House, app: Flask, holder: TestPerson) -> None:
    """A strange browser is not asked, and the account centre shows the matter without the button."""
    asked(house, app, holder)
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(holder)
    assert browser.path == "/account"
    assert "/account/mobile/keep" not in browser.text
    browser.submit({}, "/account/mobile/keep")
    assert audited(house, "mobile_release.kept", holder.id) == []


def test_a_session_from_before_objects_in_the_account_centre(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson
) -> None:
    """A device that was the person's before all this may keep the mobile without a new login."""
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(holder)
    clock.advance(seconds=60)
    asked(house, app, holder)
    browser.open("/account")
    browser.submit({}, "/account/mobile/keep")
    assert [row.reason for row in audited(house, "mobile_release.kept", holder.id)] == ["account"]
    assert "/account/mobile/keep" not in browser.text


def test_an_answer_can_be_put_off_and_is_asked_for_again(house: House, app: Flask, holder: TestPerson) -> None:
    """Later is no objection: the next login asks again."""
    browser = known(app, holder)
    asked(house, app, holder)
    for _ in range(2):
        browser.open("/account")
        browser.log_in(holder)
        assert browser.path.endswith("/login/mobile/keep")
        browser.submit({}, browser.path.replace("/keep", "/later"))
        assert browser.path == "/account"
        browser.client.delete_cookie("yihao_session")
    assert audited(house, "mobile_release.kept", holder.id) == []


def test_who_lost_the_mobile_is_asked_for_another(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """An account without any other contact keeps its password; the next login binds a new mobile by a code."""
    holder = register_person()
    asked(house, app, holder)
    clock.advance(seconds=WEEK)
    run_upkeep(house)
    for is_put_off in (True, False):
        browser = FormBrowser(app)
        browser.open("/account")
        browser.submit({"identifier": holder.login_name, "password": PASSWORD})
        assert browser.path.endswith("/login/mobile")
        if is_put_off:
            browser.submit({}, browser.path + "/later")
            assert browser.path == "/account"
    assert browser.submit({"mobile": "123"}).status_code == 422
    browser.submit({"mobile": OTHER_MOBILE})
    assert browser.path.endswith("/login/mobile/code")
    code = code_of(house, "contact_code", OTHER_MOBILE)
    assert browser.submit({"code": "000000" if code != "000000" else "111111"}).status_code == 422
    browser.submit({"code": code})
    assert browser.path == "/account"
    assert held_by(house, OTHER_MOBILE) == holder.id
    again = FormBrowser(app)
    again.open("/account")
    again.log_in(holder)
    assert again.path == "/account"


def test_another_number_instead_ends_the_matter(house: House, app: Flask, holder: TestPerson) -> None:
    """Who has another number gives it; the newcomer learns that theirs is free and nothing of the new one."""
    browser = known(app, holder)
    asked(house, app, holder)
    browser.open("/account")
    browser.log_in(holder)
    browser.open(browser.path.replace("/keep", ""))
    browser.submit({"mobile": OTHER_MOBILE})
    browser.submit({"code": code_of(house, "contact_code", OTHER_MOBILE)})
    assert browser.path == "/account"
    assert {each["to"] for each in sent(house, "contact_changed")} == {EMAIL, OTHER_MOBILE}
    assert [each["to"] for each in sent(house, "mobile_free")] == [holder.mobile]
    assert registering(house, app, holder.mobile, "registration_code").path == "/account"


def test_an_objection_counts_until_the_mobile_is_taken_off(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson
) -> None:
    """Past the date, but before anybody released it, the holder may still keep it; afterwards no more."""
    asked(house, app, holder)
    clock.advance(seconds=WEEK + 60)
    assert house.login.releases.keep(holder.id, by="login", origin=NOWHERE)
    assert held_by(house, holder.mobile) == holder.id
    assert house.login.releases.ask(holder.mobile, origin=NOWHERE).standing is Standing.KEPT
    clock.advance(days=31)
    house.login.releases.ask(holder.mobile, origin=NOWHERE)
    clock.advance(seconds=WEEK)
    assert house.login.releases.ask(holder.mobile, origin=NOWHERE).standing is Standing.FREE
    assert not house.login.releases.keep(holder.id, by="login", origin=NOWHERE)
    assert held_by(house, holder.mobile) is None
    assert house.login.releases.ask("+8613912345678", origin=NOWHERE).standing is Standing.FREE


def test_a_mobile_that_was_taken_off_still_names_who_has_no_other_name(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """With the password, on a device of theirs, or anywhere until somebody else has it; never to the newcomer."""
    holder = register_person(login_name=None)
    own = FormBrowser(app)
    own.open("/account")
    own.submit({"identifier": holder.mobile, "password": PASSWORD})
    own.client.delete_cookie("yihao_session")
    asked(house, app, holder)
    clock.advance(seconds=WEEK)
    run_upkeep(house)

    def log_in(browser: FormBrowser, password: str = PASSWORD) -> int:
        browser.open("/account")
        return browser.submit({"identifier": holder.mobile, "password": password}).status_code

    anywhere = FormBrowser(app)
    assert log_in(anywhere) == 200 and anywhere.path.endswith("/login/mobile")
    newcomer = registering(house, app, holder.mobile, "registration_code", password="eleven-quiet-herons-3")
    newcomer.client.delete_cookie("yihao_session")
    stranger = FormBrowser(app)
    assert log_in(stranger) == 422
    assert log_in(newcomer) == 422
    assert log_in(newcomer, "eleven-quiet-herons-3") == 200 and newcomer.path == "/account"
    assert log_in(own) == 200 and own.path.endswith("/login/mobile")
    own.submit({"mobile": OTHER_MOBILE})
    own.submit({"code": code_of(house, "contact_code", OTHER_MOBILE)})
    assert own.path == "/account"
    own.client.delete_cookie("yihao_session")
    assert log_in(own) == 422  # they have another name now
    own.open("/login/sms")
    own.submit({"mobile": holder.mobile})
    code = code_of(house, "login_code", holder.mobile)
    own.submit({"code": code})
    assert own.path.endswith("/login")  # the newcomer's account, and not known on this device
