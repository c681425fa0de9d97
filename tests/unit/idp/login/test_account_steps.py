"""The account centre below its pages: who may act, and what is shown of the past."""

from collections.abc import Callable

import pytest

from idp.audit.log import NOWHERE
from idp.core.errors import LoginRefused
from idp.house.build import House
from idp.login.account.current_password import Holder
from idp.login.refusal import Refusal
from idp.persons import credentials
from idp.persons.models import Person
from idp.sessions.service import Authentication
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.sent import audited

Register = Callable[..., TestPerson]
NEW_PASSWORD = "eleven-quiet-herons-3"

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)


def session_of(house: House, person: TestPerson) -> Holder:
    with house.ground.database.transaction() as session:
        live, _ = house.protocol.sessions.start(
            session,
            Authentication(person.id, ("pwd",), house.ground.clock.now()),
            channel="portal",
            device_id=None,
            device_label="",
        )
    return Holder(person.id, live.id, "d" * 43)


def change(house: House, holder: Holder) -> str:
    return house.login.account.password.change(holder, PASSWORD, NEW_PASSWORD, locale="en", origin=NOWHERE)


def assert_refused(house: House, holder: Holder, reason: str) -> None:
    with house.ground.database.read() as session:
        before = credentials.password_hash_of(session, holder.person_id)
    with pytest.raises(LoginRefused) as refused:
        change(house, holder)
    assert (refused.value.reason, refused.value.detail) == (Refusal.CURRENT_PASSWORD, reason)
    with house.ground.database.read() as session:
        assert credentials.password_hash_of(session, holder.person_id) == before
    rows = audited(house, "reauthentication.failed", holder.person_id)
    assert [row.reason for row in rows] == [reason]


def test_a_session_that_ended_meanwhile_changes_nothing(house: House, register_person: Register) -> None:
    """The right password does not help a page of a session that was stopped."""
    person = register_person()
    holder = session_of(house, person)
    with house.ground.database.transaction() as session:
        house.protocol.ending.end(session, holder.session_id, reason="stopped")
    assert_refused(house, holder, "session_ended")


def test_a_session_of_somebody_else_changes_nothing(house: House, register_person: Register) -> None:
    """Person and session must belong together."""
    person, other = register_person(), register_person()
    theirs = session_of(house, other)
    assert_refused(house, Holder(person.id, theirs.session_id, "d" * 43), "session_ended")


def test_a_suspended_person_changes_nothing(house: House, register_person: Register) -> None:
    """A session that outlived the suspension by a moment is worth nothing."""
    person = register_person()
    holder = session_of(house, person)
    with house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "suspended"
    assert_refused(house, holder, "person_not_active")


def test_the_tries_are_those_of_the_login(house: House, register_person: Register) -> None:
    """Failures here and at the login page have one budget, and a success clears it."""
    person = register_person()
    holder = session_of(house, person)
    for _ in range(house.settings.login.tries_before_lock - 1):
        with pytest.raises(LoginRefused):
            house.login.account.password.change(holder, "wrong-one", NEW_PASSWORD, locale="en", origin=NOWHERE)
    assert change(house, holder)
    for _ in range(house.settings.login.tries_before_lock - 1):
        with pytest.raises(LoginRefused):
            change(house, holder)


def test_each_change_writes_one_row(house: House, clock: FrozenClock, register_person: Register) -> None:
    """The audit tells of one change once, and its owner reads it in finer words."""
    person = register_person()
    holder = session_of(house, person)
    clock.advance(seconds=1)
    change(house, holder)
    page = house.login.account.activity.page(person.id, most=10)
    assert [each.kind for each in page.happenings] == ["password_changed", "person.registered"]
    assert page.older is None


@pytest.mark.parametrize("cursor", ["", "?", "A", "MjAyNi0wMS0wMSBh", "A" * 300, "中文"])
def test_a_made_up_cursor_is_the_first_page(house: House, register_person: Register, cursor: str) -> None:
    """Whatever stands in the query, the page is shown and holds nobody else's rows."""
    person = register_person()
    steps = house.login.account.activity
    assert steps.page(person.id, most=5, cursor=cursor) == steps.page(person.id, most=5)
