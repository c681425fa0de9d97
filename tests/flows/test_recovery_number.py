"""The number that a person registered with, asked on the way that a mobile code alone would open."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.login.registered_number import TRIES
from idp.outbox.models import Delivery
from idp.persons.ciphers import PersonCiphers
from idp.persons.models import Identifier, Person
from idp.persons.vocabulary import ContactKind
from tests.support.forgotten import DAY, NEW_PASSWORD, may_log_in, waiting, with_code
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.meter import Meter
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited, sent

Register = Callable[..., TestPerson]
NEWCOMERS = "110105195001010012"


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


@pytest.fixture
def meter(house: House, monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(house, monkeypatch)


def type_number(browser: FormBrowser, number: str) -> int:
    assert browser.path.endswith("/recovery/number"), browser.path
    return browser.submit({"number": number}).status_code


def test_who_was_given_the_mobile_never_gets_in(
    house: House, app: Flask, clock: FrozenClock, register_person: Register, person: TestPerson
) -> None:
    """The mobile, weeks of patience and the number of another account open nothing, before the wait or after."""
    register_person(number=NEWCOMERS)
    browser = with_code(house, app, person)
    for _ in range(4):
        assert type_number(browser, NEWCOMERS) == 422
        clock.advance(seconds=2 * DAY)
        browser = with_code(house, app, person, browser)
    base = browser.path.replace("/number", "")
    for stage in ("waiting", "password", "proof"):
        browser.open(f"{base}/{stage}")
        assert browser.path.endswith("/recovery/number")
    assert browser.submit({"password": NEW_PASSWORD}, f"{base}/password").status_code in (200, 303)
    assert audited(house, "recovery.started", person.id) == []
    assert sent(house, "recovery_started") == []
    assert may_log_in(app, person, PASSWORD) and not may_log_in(app, person, NEW_PASSWORD)


def test_a_wait_that_another_release_began_opens_nothing_without_the_number(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """The number is asked at the end as well: a code alone finishes no waiting time."""
    browser = waiting(house, app, person)
    clock.advance(seconds=DAY + 1)
    browser = with_code(house, app, person, browser)
    assert type_number(browser, NEWCOMERS) == 422
    assert type_number(browser, person.number) == 200
    assert browser.path.endswith("/recovery/password")


@pytest.mark.parametrize("is_proved", [False, True])
def test_the_owner_waits_and_sets_a_new_password(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson, is_proved: bool
) -> None:
    """The number counts as it was typed at registration, and as it was proved; spaces are forgiven."""
    if is_proved:
        with house.ground.database.transaction() as session:
            number = house.people.identifiers.of(session, person.id)[0]
            house.people.identifiers.set_current(session, number.id, proofing_id="p" * 22, at=clock.now())
    browser = with_code(house, app, person)
    assert type_number(browser, f"{person.number[:6]} {person.number[6:].lower()}") == 200
    assert browser.path.endswith("/recovery/waiting")
    clock.advance(seconds=DAY + 1)
    browser = waiting(house, app, person, browser)
    browser.submit({"password": NEW_PASSWORD})
    assert browser.path.endswith("/recovery/done") and may_log_in(app, person, NEW_PASSWORD)


def test_a_residence_permit_counts_like_a_citizens_number(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """Any document that an account is opened with is read by the one parser; a former number counts no more."""
    person = register_person(number="810000199408230021")
    browser = with_code(house, app, person)
    assert type_number(browser, "810000199408230021") == 200
    assert browser.path.endswith("/recovery/waiting")
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Identifier).where(Identifier.person_id == person.id).values(state="former"))
    clock.advance(seconds=120)
    assert type_number(with_code(house, app, person, browser), "810000199408230021") == 422


def test_wrong_numbers_are_few_and_no_others_are_counted(
    house: House, app: Flask, clock: FrozenClock, person: TestPerson
) -> None:
    """After some the right one is refused in the same words, in any browser, until the lock is over."""
    browser = with_code(house, app, person)
    for unreadable in ("", "12345", "110105195001010013"):
        assert type_number(browser, unreadable) == 422
    for _ in range(TRIES):
        assert type_number(browser, NEWCOMERS) == 422
    wrong = browser.text_without_token.replace(NEWCOMERS, "-")
    assert type_number(browser, person.number) == 422
    assert browser.text_without_token.replace(person.number, "-") == wrong
    clock.advance(seconds=120)
    assert type_number(with_code(house, app, person), person.number) == 422
    reasons = [row.reason for row in audited(house, "recovery.refused", person.id)]
    assert sorted(reasons) == ["blocked"] * 2 + ["wrong_number"] * TRIES
    clock.advance(seconds=house.settings.login.lock_seconds)
    assert waiting(house, app, person).path.endswith("/recovery/waiting")


@pytest.mark.parametrize("standing", ["wrong", "locked", "suspended", "erased", "without a number", "gone"])
def test_refusals_are_one_to_whoever_asks(
    house: House, app: Flask, meter: Meter, register_person: Register, standing: str
) -> None:
    """Wrong, locked, and who may not get in any more: text, status, hashes, messages, as many statements."""
    costs = []
    for mobile, each in (("+8613800138001", "wrong"), ("+8613801238001", standing)):
        person = register_person(mobile=mobile)
        browser = with_code(house, app, person)
        assert type_number(browser, "12345") == 422  # what is made once in a process is made now
        typed = NEWCOMERS if each in ("wrong", "without a number") else person.number
        for _ in range(TRIES * (each == "locked")):
            type_number(browser, NEWCOMERS)
        with house.ground.database.transaction() as session:
            if each in ("suspended", "erased"):
                session.get_one(Person, person.id).status = "suspended" if each == "suspended" else "closed"
            if each == "erased":
                PersonCiphers(keyring=house.ground.keyring, clock=house.ground.clock).erase(session, person.id)
            if each == "without a number":
                session.execute(sa.update(Identifier).where(Identifier.person_id == person.id).values(state="former"))
            if each == "gone":
                house.people.contacts.end(session, person.id, ContactKind.MOBILE, at=house.ground.clock.now())
        costs.append(meter.submit(browser, {"number": typed}))
    first, second = costs
    assert (first.status, first.page, first.hashes, first.deliveries) == (422, second.page, 0, 0)
    assert (second.status, second.hashes, second.deliveries) == (422, 0, 0)
    assert len(first.statements) == len(second.statements) > 5
    assert standing == "locked" or first.statements == second.statements


def test_the_number_is_written_nowhere(
    house: House, app: Flask, person: TestPerson, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither what was right nor what was wrong is logged, audited, delivered or parked."""
    browser = with_code(house, app, person)
    type_number(browser, NEWCOMERS)
    interaction_id = browser.path.split("/")[2]
    type_number(browser, person.number)
    out, err = capsys.readouterr()
    secret = browser.client.get_cookie("yihao_browser")
    assert secret is not None
    parked = house.login.interactions.resume(interaction_id, secret.value)
    with house.ground.database.read() as session:
        payloads = b"".join(session.scalars(sa.select(Delivery.payload)))
    rows = [repr(row.details) + str(row.reason) for row in audited(house, "recovery.refused", person.id)]
    for number in (NEWCOMERS, person.number):
        assert number not in out + err + repr(parked) + "".join(rows)
        assert number.encode() not in payloads
