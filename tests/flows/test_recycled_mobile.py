"""A mobile that was given out again, as the newcomer meets it: what they wait for, and what they never get."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.persons.models import Contact, Person
from idp.persons.vocabulary import ContactKind
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.recycled import EMAIL, WEEK, asked, held_by, registering, run_upkeep
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited, code_of, sent

Register = Callable[..., TestPerson]


@pytest.fixture
def holder(register_person: Register) -> TestPerson:
    """Who has the mobile now, and an e-mail address beside it."""
    return register_person(email=EMAIL, email_verified=True)


def test_a_newcomer_waits_registers_and_gets_nothing_of_the_account(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson
) -> None:
    """Proof, notices, a week, release by the worker, and an account of their own by a fresh code."""
    browser = asked(house, app, holder)
    assert [each["to"] for each in sent(house, "mobile_release_started")] == [EMAIL]
    assert [each["to"] for each in sent(house, "mobile_release_asked")] == [holder.mobile]
    assert len(audited(house, "mobile_release.started", holder.id)) == 1
    assert holder.name not in browser.text and EMAIL not in browser.text
    clock.advance(seconds=WEEK - 1)
    run_upkeep(house)
    assert held_by(house, holder.mobile) == holder.id
    clock.advance(seconds=1)
    run_upkeep(house)
    assert held_by(house, holder.mobile) is None
    assert [each["to"] for each in sent(house, "mobile_released")] == [EMAIL]
    assert [each["to"] for each in sent(house, "mobile_free")] == [holder.mobile]
    assert [row.details for row in audited(house, "contact.changed", holder.id)][-1] == {
        "kind": "mobile",
        "what": "released",
    }
    newcomer = registering(house, app, holder.mobile, "registration_code")
    assert newcomer.path == "/account"
    assert held_by(house, holder.mobile) not in (None, holder.id)
    with house.ground.database.read() as session:
        history = session.execute(
            sa.select(Contact.state, Contact.person_id).where(Contact.kind == ContactKind.MOBILE)
        ).all()
    assert sorted((row.state, row.person_id == holder.id) for row in history) == [("current", False), ("former", True)]


def test_proving_the_mobile_changes_nothing_by_itself(house: House, app: Flask, holder: TestPerson) -> None:
    """Who has the phone may be the holder who forgot: only the button starts the time, and nobody is logged in."""
    browser = registering(house, app, holder.mobile)
    assert "/login" in browser.text and "/recovery" in browser.text
    assert audited(house, "mobile_release.started", holder.id) == []
    assert browser.client.get("/account").status_code == 303
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


def test_without_the_code_no_release_is_offered(house: House, app: Flask, holder: TestPerson) -> None:
    """A wrong code is a wrong code; the page of the release is not reached, nor posted to."""
    browser = FormBrowser(app)
    browser.open("/register")
    form = {
        "name": "李小红",
        "number": "11010519491231002X",
        "mobile": holder.mobile,
        "password": PASSWORD,
        "terms": "y",
    }
    browser.submit(form)
    code = code_of(house, "registration_known_mobile", holder.mobile)
    assert browser.submit({"code": "000000" if code != "000000" else "111111"}).status_code == 422
    browser.submit({}, browser.path.replace("/register/code", "/mobile/in-use"))
    assert not browser.path.endswith("/mobile/in-use")
    assert audited(house, "mobile_release.started", holder.id) == []


def test_the_next_use_releases_what_is_due(house: House, app: Flask, clock: FrozenClock, holder: TestPerson) -> None:
    """Where no worker ran, the code of the newcomer is enough once the time is over, and not a second earlier."""
    asked(house, app, holder)
    clock.advance(seconds=WEEK - 1)
    assert registering(house, app, holder.mobile).path.endswith("/mobile/in-use")
    clock.advance(seconds=61)
    assert registering(house, app, holder.mobile).path == "/account"
    assert held_by(house, holder.mobile) not in (None, holder.id)
    assert len(audited(house, "mobile_release.finished", holder.id)) == 1


def test_asking_again_keeps_the_date(house: House, app: Flask, clock: FrozenClock, holder: TestPerson) -> None:
    """Another newcomer, or the same, is told the same date; the holder is told once."""
    asked(house, app, holder)
    clock.advance(seconds=86_400)
    asked(house, app, holder)
    assert len(sent(house, "mobile_release_started")) == 1
    assert len(audited(house, "mobile_release.started", holder.id)) == 1


def test_who_is_logged_in_asks_for_a_number_that_another_account_has(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson, register_person: Register
) -> None:
    """A change of mobile ends at the same offer, and after the release it is made by a fresh code."""
    newcomer = register_person()
    browser = FormBrowser(app)

    def change() -> None:
        browser.open("/account")
        if browser.path != "/account":
            browser.log_in(newcomer)
        browser.open("/account/contact")
        browser.submit({"current_password": PASSWORD, "mobile": holder.mobile})
        browser.submit({"code": code_of(house, "contact_known_mobile", holder.mobile)})

    change()
    assert browser.path.endswith("/mobile/in-use")
    browser.submit({})
    assert held_by(house, holder.mobile) == holder.id
    clock.advance(seconds=WEEK)
    change()
    assert browser.path == "/account/security"
    assert held_by(house, holder.mobile) == newcomer.id


def test_codes_and_recoveries_begun_before_the_release_open_nothing_after(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson
) -> None:
    """What the newcomer's phone received for the old account is worth nothing: no login, no new password."""
    asked(house, app, holder)
    clock.advance(seconds=WEEK - 60)
    login, recovery = FormBrowser(app), FormBrowser(app)
    login.open("/login/sms")
    login.submit({"mobile": holder.mobile})
    recovery.open("/recovery")
    recovery.submit({"identifier": holder.mobile})
    login_code = code_of(house, "login_code", holder.mobile)
    recovery_code = code_of(house, "recovery_code", holder.mobile)
    clock.advance(seconds=60)
    run_upkeep(house)
    assert login.submit({"code": login_code}).status_code == 422
    assert recovery.submit({"code": recovery_code}).status_code == 422
    fresh = FormBrowser(app)
    fresh.open("/recovery")
    fresh.submit({"identifier": holder.mobile})
    assert len(sent(house, "recovery_unknown", holder.mobile)) == 1


def test_a_password_waits_beyond_a_release_that_runs(
    house: House, app: Flask, clock: FrozenClock, holder: TestPerson
) -> None:
    """While the phone may be a stranger's, a reset by its codes alone cannot end before the matter is decided."""
    early = FormBrowser(app)
    early.open("/recovery")
    early.submit({"identifier": holder.mobile})
    early.submit({"code": code_of(house, "recovery_code", holder.mobile)})
    early.submit({"number": holder.number})
    assert early.path.endswith("/recovery/waiting")
    clock.advance(seconds=61)
    asked(house, app, holder)
    assert [row.reason for row in audited(house, "recovery.cancelled", holder.id)] == ["mobile_contested"]
    clock.advance(seconds=3_600)
    early.open("/recovery")
    early.submit({"identifier": holder.mobile})
    early.submit({"code": code_of(house, "recovery_code", holder.mobile)})
    early.submit({"number": holder.number})
    clock.advance(seconds=2 * 86_400)
    early.open("/recovery")
    early.submit({"identifier": holder.mobile})
    early.submit({"code": code_of(house, "recovery_code", holder.mobile)})
    early.submit({"number": holder.number})
    assert early.path.endswith("/recovery/waiting")
    clock.advance(seconds=WEEK - 2 * 86_400)
    run_upkeep(house)
    assert [row.reason for row in audited(house, "recovery.cancelled", holder.id)][-1] == "mobile_released"
