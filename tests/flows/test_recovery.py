"""A forgotten password and a lost app over HTTP: proofs, the waiting time, and what they refuse."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from idp.audit.log import NOWHERE
from idp.core.errors import IdpError
from idp.house.build import House
from idp.login.loop import Browser
from idp.persons.models import Person
from tests.support.forgotten import NEW_PASSWORD, asked, enrol, known, may_log_in, with_code
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import at_once, audited, code_of, counted_statements, sent

Register = Callable[..., TestPerson]


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


def test_a_known_device_sets_a_new_password_at_once(house: House, app: Flask, person: TestPerson) -> None:
    """Code and device are two proofs: sessions end, everybody is told, the old password fits no more."""
    elsewhere = FormBrowser(app)
    elsewhere.open("/account")
    elsewhere.log_in(person)
    browser = with_code(house, app, person, known(app, person))
    assert browser.path.endswith("/recovery/password")
    assert browser.submit({"password": "short"}).status_code == 422
    assert browser.submit({"password": "my" + person.mobile[3:]}).status_code == 422
    browser.submit({"password": NEW_PASSWORD})
    assert browser.path.endswith("/recovery/done")
    assert elsewhere.client.get("/account").status_code == 303
    assert len(sent(house, "recovery_done", person.mobile)) == 1
    assert len(audited(house, "recovery.finished", person.id)) == 1
    assert not may_log_in(app, person, PASSWORD)
    assert may_log_in(app, person, NEW_PASSWORD)


def test_a_recovery_forgets_other_devices_and_opens_the_lock(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """Devices are known no more but this one, and earlier failures count no more."""
    other, mine = known(app, person), known(app, person)
    stranger = FormBrowser(app)
    stranger.open("/login")
    for _ in range(house.settings.login.tries_before_lock):
        stranger.submit({"identifier": person.login_name, "password": "wrong-one-entirely"})
    browser = with_code(house, app, person, mine)
    browser.submit({"password": NEW_PASSWORD})
    assert may_log_in(app, person, NEW_PASSWORD)
    clock.advance(seconds=120)
    assert with_code(house, app, person, other).path.endswith("/recovery/number")


@pytest.mark.parametrize("proof", ["app", "recovery code"])
def test_a_second_factor_opens_at_once_and_stays(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson, proof: str
) -> None:
    """A code from the app or a recovery code is the second proof; the app stays enrolled (ASVS 6.4.3)."""
    totp, codes = enrol(house, clock, person)
    browser = with_code(house, app, person)
    assert browser.path.endswith("/recovery/proof")
    assert browser.submit({"code": "AAAA-AAAA-AAAA-AAAA"}).status_code == 422
    browser.submit({"code": totp.at(clock.now()) if proof == "app" else codes[0]})
    assert browser.path.endswith("/recovery/password")
    browser.submit({"password": NEW_PASSWORD})
    again = FormBrowser(app)
    again.open("/login")
    again.submit({"identifier": person.login_name, "password": NEW_PASSWORD})
    assert again.path.endswith("/login/totp")


def test_second_proofs_are_counted_and_waiting_is_the_other_way(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """After too many tries the right code is refused as well; who has none waits."""
    totp, _ = enrol(house, clock, person)
    browser = with_code(house, app, person)
    for _ in range(house.settings.login.tries_before_lock):
        assert browser.submit({"code": "000000"}).status_code == 422
    assert browser.submit({"code": totp.at(clock.now())}).status_code == 422
    browser.submit({}, browser.path.replace("/proof", "/wait"))
    assert browser.path.endswith("/recovery/number")
    assert audited(house, "recovery.started", person.id) == []
    browser.submit({"number": person.number})
    assert browser.path.endswith("/recovery/waiting")


@pytest.mark.parametrize("kind", ["mobile", "login name"])
def test_known_and_unknown_are_alike(house: House, app: Flask, register_person: Register, kind: str) -> None:
    """Pages of known and unknown are equal byte for byte, and a mobile gets a message either way (ASVS 6.3.8)."""
    person = register_person(mobile="+8613800138001", login_name="person-a")
    unknown = "+8613801238001" if kind == "mobile" else "person-b"  # masked, both mobiles read alike
    pages = []
    for typed in (person.mobile if kind == "mobile" else person.login_name, unknown):
        browser = asked(app, typed)
        first = _comparable(browser)
        response = browser.submit({"code": "123456"})
        pages.append((first, response.status_code, _comparable(browser)))
    assert pages[0] == pages[1]
    assert "138****8001" in pages[0][0] or kind != "mobile"
    assert len(sent(house, "recovery_unknown", unknown)) == (1 if kind == "mobile" else 0)
    assert sent(house, "recovery_code", unknown) == []
    assert len(sent(house, "recovery_code", person.mobile)) == 1


def test_a_known_and_an_unknown_mobile_cost_the_same_calls(house: House, app: Flask, register_person: Register) -> None:
    """The same statements in the same order, for the number and for a wrong code."""
    person = register_person()
    asked(app, person.mobile)  # what is made once in a process is made now
    calls = []
    for typed in (person.mobile, "+8613801238001"):
        with counted_statements(house) as statements:
            asked(app, typed).submit({"code": "123456"})
        calls.append(statements)
    assert calls[0] == calls[1] and len(calls[0]) > 5


def test_a_password_that_was_changed_since_closes_the_recovery(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """The owner changes the password while somebody is about to set one: theirs stays."""
    browser = with_code(house, app, person, known(app, person))
    assert browser.path.endswith("/recovery/password")
    clock.advance(seconds=5)
    owner = FormBrowser(app)
    owner.open("/account/password")
    owner.log_in(person)
    owner.submit({"current_password": PASSWORD, "password": "my-own-new-one-77"})
    browser.submit({"password": NEW_PASSWORD})
    assert browser.path.endswith("/recovery")
    assert may_log_in(app, person, "my-own-new-one-77")


def test_too_many_codes_are_refused_alike(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """Known and unknown run out after the same number of codes."""
    person = register_person()
    pages = []
    for typed in (person.login_name, "nobody-at-all"):
        for _ in range(house.settings.limits.codes_per_mobile_per_hour):
            asked(app, typed)
        browser = FormBrowser(app)
        browser.open("/recovery")
        response = browser.submit({"identifier": typed})
        pages.append((response.status_code, _comparable(browser).replace(typed, "")))
    assert pages[0] == pages[1] and pages[0][0] == 422


def test_the_tries_of_a_code_are_few(house: House, app: Flask, person: TestPerson) -> None:
    """After too many wrong ones the right code is refused in the same words (ASVS 6.6.3)."""
    browser = asked(app, person.mobile)
    code = code_of(house, "recovery_code", person.mobile)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(house.settings.login.code_tries):
        assert browser.submit({"code": wrong}).status_code == 422
    assert browser.submit({"code": code}).status_code == 422
    assert browser.path.endswith("/recovery/code")
    assert len(audited(house, "recovery.started", person.id)) == 0


def test_of_two_answers_at_once_one_wins(house: House, app: Flask, person: TestPerson) -> None:
    """The same code, then the same right to set a password, sent twice at the same moment: one is taken."""
    steps, device = house.login.recovery, Browser(None, "d" * 43, "")
    with house.ground.database.transaction() as session:
        house.people.devices.remember(session, person.id, "d" * 43, "", at=house.ground.clock.now())
    interaction = house.login.interactions.start("secret", return_to="/account")
    interaction = steps.start(interaction, person.mobile, locale="en", origin=NOWHERE)
    code = code_of(house, "recovery_code", person.mobile)
    results = at_once(2, lambda: steps.submit(interaction, code, device, locale="en", origin=NOWHERE))
    assert sum(isinstance(each, IdpError) for each in results) == 1
    with pytest.raises(IdpError):  # and later as well: the code is spent
        steps.submit(interaction, code, device, locale="en", origin=NOWHERE)
    after = house.login.interactions.resume(interaction.id, "secret")
    both = at_once(2, lambda: steps.set_password(after, NEW_PASSWORD, device, locale="en", origin=NOWHERE))
    assert sum(isinstance(each, IdpError) for each in both) == 1
    assert len(audited(house, "recovery.finished", person.id)) == 1


def test_a_suspended_person_gets_no_code(house: House, app: Flask, person: TestPerson) -> None:
    """Who may not log in cannot recover either; the page is as ever."""
    with house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "suspended"
    browser = asked(app, person.mobile)
    assert sent(house, "recovery_code") == []
    assert browser.submit({"code": "123456"}).status_code == 422


def test_a_lost_app_needs_the_password_first(house: House, app: Flask, person: TestPerson) -> None:
    """Without a proved password nothing is sent and nothing begins."""
    browser = asked(app, person.mobile)
    before = len(sent(house, "recovery_code"))
    browser.submit({}, browser.path.replace("/recovery/code", "/recovery/lost-app"))
    assert len(sent(house, "recovery_code")) == before
    assert sent(house, "totp_recovery_started") == []


def _comparable(browser: FormBrowser) -> str:
    """The page without what differs between any two requests: tokens and the interaction's id."""
    return re.sub(r"/i/[A-Za-z0-9_-]{22}/", "/i/-/", browser.text_without_token)
