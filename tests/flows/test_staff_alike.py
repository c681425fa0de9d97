"""Who may not log in as staff is refused alike, whatever the reason: same page, same calls, nothing sent."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from idp.house.build import House
from idp.outbox.queue import DeliveryKind
from idp.persons.models import Person
from idp.persons.roles import Role
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty
from tests.support.sent import audited, counted_statements
from tests.support.staff import STAFF_COOKIE, grant, staff_client

Register = Callable[..., TestPerson]
NUMBER = "11010519491231002X"


@pytest.fixture
def party(house: House) -> RelyingParty:
    return staff_client(house)


@pytest.fixture
def typed(house: House, register_person: Register) -> dict[str, tuple[str, str]]:
    """What is typed in each case: identifier and password."""
    citizen, clerk = register_person(), register_person(email="clerk@people.example", email_verified=True)
    developer, suspended = register_person(), register_person()
    for person, role in ((clerk, Role.CLERK), (developer, Role.DEVELOPER), (suspended, Role.CLERK)):
        grant(house, person, role)
    with house.ground.database.transaction() as session:
        session.get_one(Person, suspended.id).status = "suspended"
    return {
        "nobody": ("nobody-at-all", PASSWORD),
        "a citizen": (citizen.login_name, PASSWORD),
        "a developer": (developer.login_name, PASSWORD),
        "suspended": (suspended.login_name, PASSWORD),
        "wrong password": (clerk.login_name, "not-the-right-one"),
        "by mobile": (clerk.mobile, PASSWORD),
        "by e-mail": ("clerk@people.example", PASSWORD),
        "by number": (NUMBER, PASSWORD),
        "by nonsense": ("?!", PASSWORD),
    }


@contextmanager
def counted_hashes(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect the hashes that the block computes."""
    computed: list[str] = []
    passwords = house.people.passwords
    for name in ("verify", "hash"):
        real = getattr(passwords, name)

        def count(*args: Any, _name: str = name, _real: Any = real) -> Any:
            computed.append(_name)
            return _real(*args)

        monkeypatch.setattr(passwords, name, count)
    yield computed
    monkeypatch.undo()


def refused(app: Flask, party: RelyingParty, identifier: str, password: str) -> tuple[int, str]:
    """Return status and page of a login without what differs between any two."""
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    response = browser.submit({"identifier": identifier, "password": password})
    assert browser.client.get_cookie(STAFF_COOKIE) is None
    text = re.sub(r"/i/[A-Za-z0-9_-]{22}/", "/i/-/", browser.text_without_token)
    return response.status_code, text.replace(f'value="{identifier}"', "")


def test_page_statements_hashes_and_messages_are_the_same(
    house: House, app: Flask, party: RelyingParty, typed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mobile, a citizen, a name that nobody has: nobody can tell them apart from outside (ASVS 6.3.8)."""
    refused(app, party, *typed["nobody"])  # what is made once in a process is made now
    seen = {}
    for case, (identifier, password) in typed.items():
        with counted_statements(house) as statements, counted_hashes(house, monkeypatch) as hashes:
            page = refused(app, party, identifier, password)
        seen[case] = (page, statements, hashes)
    assert seen["nobody"][0][0] == 422 and seen["nobody"][2] == ["verify"] and len(seen["nobody"][1]) > 5
    assert {case: each == seen["nobody"] for case, each in seen.items()} == dict.fromkeys(typed, True)
    assert house.protocol.queue.recent(DeliveryKind.MESSAGE, most=9) == ()


def test_all_are_paused_after_the_same_number_of_tries(
    house: House, app: Flask, party: RelyingParty, typed: dict[str, Any]
) -> None:
    """A citizen's right password is a failed try here like any other; a known and an unknown name wait alike."""
    for case in ("a citizen", "nobody"):
        pages = {refused(app, party, *typed[case]) for _ in range(house.settings.login.tries_before_lock + 1)}
        assert len(pages) == 1


def test_the_audit_alone_knows_why(
    house: House, app: Flask, party: RelyingParty, register_person: Register, typed: dict[str, Any]
) -> None:
    """A citizen is told from a wrong password in the log."""
    citizen = register_person()
    refused(app, party, citizen.login_name, PASSWORD)
    refused(app, party, citizen.login_name, "not-the-right-one")
    assert {row.reason for row in audited(house, "login.failed", citizen.id)} == {"no_staff_role", "wrong_password"}


def test_the_same_people_log_in_as_citizens(
    house: House, app: Flask, party: RelyingParty, typed: dict[str, Any]
) -> None:
    """What is refused to staff opens the account centre, by name and by mobile."""
    for case in ("a citizen", "a developer", "by mobile"):
        browser = FormBrowser(app)
        browser.open("/account")
        browser.submit({"identifier": typed[case][0], "password": typed[case][1]})
        assert browser.path == "/account"


def test_a_staff_login_has_no_other_ways(house: House, app: Flask, party: RelyingParty, typed: dict[str, Any]) -> None:
    """No code by SMS and no registration is offered or reached, by address or by form."""
    browser = FormBrowser(app)
    browser.open(party.authorize_path())
    page = browser.path
    assert "/login/sms" not in browser.text and "/register" not in browser.text
    for path in ("/login/sms", "/login/code", "/register"):
        browser.open(page.replace("/login", path))
        assert browser.path == page
        browser.submit({"mobile": typed["by mobile"][0]}, page.replace("/login", path))
        assert browser.path == page
        browser.open(page)
    assert house.protocol.queue.recent(DeliveryKind.MESSAGE, most=9) == ()
