"""Known, unknown, locked, suspended and erased are one to whoever asks: text, status, hashes, statements, messages.

Counted, never timed. Only a phone learns the truth, from the worker, after the answer was given.
"""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.log import NOWHERE
from idp.house.build import House
from idp.outbox.models import Delivery
from idp.persons.ciphers import PersonCiphers
from idp.persons.mobile_releases import MobileRelease
from idp.persons.models import Person
from tests.support.houses import PASSWORD, TestPerson
from tests.support.meter import Meter
from tests.support.relying_party import FormBrowser
from tests.support.sent import sent

Register = Callable[..., TestPerson]
KINDS = ("mobile", "email", "login name", "number")
STANDINGS = ("known", "locked", "suspended", "erased", "released")
NOBODY = {
    "mobile": "+8613801238001",
    "email": "nobody@example.com",
    "login name": "nobody-at-all",
    "number": "11010519491231002X",
}
_NUMBER = "110105195001010012"


@pytest.fixture
def meter(house: House, monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(house, monkeypatch)


@pytest.fixture
def names_of(house: House, app: Flask, register_person: Register) -> Callable[[str], dict[str, str]]:
    """Make a person of a standing; return what names them, by each kind of identifier."""

    def make(standing: str) -> dict[str, str]:
        person = register_person(mobile="+8613800138001", number=_NUMBER, email="a@example.com", email_verified=True)
        house_people, at = house.people, house.ground.clock.now()
        with house.ground.database.transaction() as session:
            number = house_people.identifiers.of(session, person.id)[0]
            house_people.identifiers.set_current(session, number.id, proofing_id="p" * 22, at=at)
        if standing == "locked":
            stranger = at_page(app, "/login")
            for _ in range(house.settings.login.tries_before_lock):
                stranger.submit({"identifier": person.login_name, "password": "wrong-one-entirely"})
        if standing in ("suspended", "erased"):
            with house.ground.database.transaction() as session:
                session.get_one(Person, person.id).status = "suspended" if standing == "suspended" else "closed"
        if standing == "released":
            house.login.releases.ask(person.mobile, origin=NOWHERE)
            with house.ground.database.transaction() as session:
                session.execute(sa.update(MobileRelease).values(due_at=at))
            assert house.login.releases.release_all_due() == 1
        if standing == "erased":
            with house.ground.database.transaction() as session:
                PersonCiphers(keyring=house.ground.keyring, clock=house.ground.clock).erase(session, person.id)
        return {"mobile": person.mobile, "email": "a@example.com", "login name": person.login_name, "number": _NUMBER}

    return make


def at_page(app: Flask, path: str) -> FormBrowser:
    browser = FormBrowser(app)
    browser.open(path)
    return browser


def warm(app: Flask, path: str, fields: dict[str, str]) -> None:
    """Have made what is made once in a process."""
    at_page(app, path).submit(fields)


@pytest.mark.parametrize("standing", STANDINGS)
def test_a_forgotten_password_costs_the_same(
    app: Flask, meter: Meter, names_of: Callable[[str], dict[str, str]], standing: str
) -> None:
    """Asking, a wrong code, and another wrong one: the same pages, statements and one delivery (ASVS 6.3.8)."""
    names = names_of(standing)
    warm(app, "/recovery", {"identifier": "somebody-else"})
    for kind in KINDS:
        costs = []
        for each in (names[kind], NOBODY[kind]):
            browser = at_page(app, "/recovery")
            asked = meter.submit(browser, {"identifier": each})
            assert browser.path.endswith("/recovery/code")
            costs.append((asked, meter.submit(browser, {"code": "12345"}), meter.submit(browser, {"code": "12345"})))
        assert costs[0] == costs[1], kind
        asked, wrong, _ = costs[0]
        assert (asked.hashes, asked.deliveries, wrong.deliveries, wrong.status) == (0, 1, 0, 422)
        assert len(wrong.statements) > 3


@pytest.mark.parametrize("standing", STANDINGS)
def test_a_wrong_password_costs_the_same(
    app: Flask, meter: Meter, names_of: Callable[[str], dict[str, str]], standing: str
) -> None:
    """One hash, as many statements, no message, the same page; a right password of who may not log in as well."""
    names = names_of(standing)
    warm(app, "/login", {"identifier": "somebody-else", "password": "wrong-one-entirely"})
    password = "wrong-one-entirely" if standing in ("known", "released") else PASSWORD
    for kind in KINDS:
        costs = [
            meter.submit(at_page(app, "/login"), {"identifier": each, "password": password})
            for each in (names[kind], NOBODY[kind])
        ]
        for cost in costs:
            assert (cost.status, cost.hashes, cost.deliveries) == (422, 1, 0), kind
        assert costs[0].page == costs[1].page
        assert len(costs[0].statements) == len(costs[1].statements) > 5
        # A blocked try reads until when instead of counting on: one statement either way.
        assert standing == "locked" or costs[0].statements == costs[1].statements


@pytest.mark.parametrize("standing", STANDINGS)
def test_a_code_by_sms_costs_the_same(
    app: Flask, meter: Meter, names_of: Callable[[str], dict[str, str]], standing: str
) -> None:
    """One message whoever holds the number, and a wrong code is refused by the same statements."""
    name = names_of(standing)["mobile"]
    warm(app, "/login/sms", {"mobile": "13801238009"})
    costs = []
    for each in (name, NOBODY["mobile"]):
        browser = at_page(app, "/login/sms")
        costs.append((meter.submit(browser, {"mobile": each}), meter.submit(browser, {"code": "12345"})))
    assert costs[0] == costs[1]
    assert (costs[0][0].deliveries, costs[0][1].status) == (1, 422)


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("known", ["mobile", "number", "both"])
def test_a_registration_costs_the_same(
    app: Flask, meter: Meter, names_of: Callable[[str], dict[str, str]], standing: str, known: str
) -> None:
    """One hash, one message, the same statements, whether mobile, number, both or neither were known."""
    mobile = names_of(standing)["mobile"]
    form = {"name": "李小红", "password": PASSWORD, "terms": "y"}
    warm(app, "/register", form | {"mobile": "13801238009", "number": NOBODY["number"]})
    mine = {
        "mobile": mobile if known != "number" else "+8613801238002",  # masked, all of them read alike
        "number": _NUMBER if known != "mobile" else NOBODY["number"],
    }
    costs = []
    for each in (mine, {"mobile": NOBODY["mobile"], "number": NOBODY["number"]}):
        browser = at_page(app, "/register")
        sent_form = meter.submit(browser, form | each)
        assert browser.path.endswith("/register/code"), browser.text
        costs.append((sent_form, meter.submit(browser, {"code": "12345"})))
    pages = [tuple(re.sub(r"138\*+800[12]", "-", cost.page) for cost in each) for each in costs]
    assert pages[0] == pages[1]
    plain = [[(cost.status, cost.statements, cost.hashes, cost.deliveries) for cost in each] for each in costs]
    assert plain[0] == plain[1]
    assert (costs[0][0].hashes, costs[0][0].deliveries, costs[0][1].status) == (1, 1, 422)


@pytest.mark.parametrize("standing", STANDINGS)
def test_the_truth_goes_to_the_phone_alone(
    house: House, app: Flask, names_of: Callable[[str], dict[str, str]], standing: str
) -> None:
    """Who may get in is sent a code, by whatever they named themselves; a mobile of nobody is told so."""
    names, mobile = names_of(standing), "+8613800138001"
    may_get_in = standing in ("known", "locked")
    for count, kind in enumerate(KINDS, 1):
        for each in (names[kind], NOBODY[kind]):
            at_page(app, "/recovery").submit({"identifier": each})
        assert len(sent(house, "recovery_code", mobile)) == len(sent(house, "recovery_code")) == count * may_get_in
    assert len(sent(house, "recovery_unknown", mobile)) == (not may_get_in)
    assert len(sent(house, "recovery_unknown", NOBODY["mobile"])) == 1


def test_what_was_typed_lies_sealed(house: House, app: Flask, names_of: Callable[[str], dict[str, str]]) -> None:
    """The request that waits for the worker holds no number that anybody could read."""
    number = names_of("known")["number"]
    at_page(app, "/recovery").submit({"identifier": number})
    with house.ground.database.read() as session:
        row = session.execute(sa.select(Delivery).where(Delivery.kind == "recovery")).scalar_one()
    assert number.encode() not in row.payload
