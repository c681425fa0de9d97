"""An account of an older system that two clerks make somebody's, with the person and their card before them."""

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.core.results import Ok
from idp.house.build import House
from idp.linking.activation import TwoClerks
from idp.linking.vocabulary import CaseKind
from idp.persons.models import Proofing
from tests.support.counter import Hall
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import (
    add_account,
    add_system,
    cases_of,
    owner_of,
    propose,
    proved_person,
    row_of,
)
from tests.support.made_up_numbers import card_of
from tests.support.matters import begin, decide_together, speak_english
from tests.support.sent import audited, sent

CODE = "housing-fund"


@pytest.fixture
def person(house: House, register_person: object) -> TestPerson:
    return proved_person(house, register_person, 1)


@pytest.fixture
def system(house: House) -> int:
    return add_system(house, CODE)


@pytest.fixture
def pair(hall: Hall) -> Hall:
    hall.add_clerk(household="household of the second clerk")
    speak_english(*hall.browsers)
    return hall


def settle(hall: Hall, person: TestPerson, reference: str = "GJJ-1") -> str:
    card = card_of(person.number, person.name)
    return decide_together(hall, "legacy-link", card=card, system=CODE, reference=reference)


@pytest.mark.parametrize("changed", [{"number": ""}, {"number": "11010519491231002X"}, {"name": "别人"}])
def test_two_clerks_settle_what_the_row_does_not_say(
    house: House, pair: Hall, person: TestPerson, system: int, changed: dict[str, str]
) -> None:
    """No number, another one, another name: the account is theirs, in their name and by two clerks."""
    account = add_account(house, system, row_of(person, reference="GJJ-1", **changed))
    assert settle(pair, person).startswith("The account is theirs now.")
    assert owner_of(house, account) == person.id
    (row,) = audited(house, "link.activated", person.id)
    assert row.actor_person is not None and row.office is not None
    assert len(sent(house, "link_activated", person.mobile)) == 1
    assert settle(pair, person).startswith("This account is theirs already.")


def test_what_cannot_be_settled_is_told_by_what_to_do_next(
    house: House, pair: Hall, person: TestPerson, system: int
) -> None:
    """No such account, somebody who is not proved far enough: nothing is changed."""
    account = add_account(house, system, row_of(person, reference="GJJ-1"))
    assert settle(pair, person, "GJJ-2").startswith("This system has no account")
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Proofing).where(Proofing.person_id == person.id).values(level=2))
    assert settle(pair, person).startswith("The person is not verified far enough.")
    assert owner_of(house, account) is None


def test_somebody_elses_account_is_suspended_and_not_given(
    house: House, pair: Hall, person: TestPerson, system: int, register_person: object
) -> None:
    """Not even before two clerks: others decide between the two."""
    account = add_account(house, system, row_of(person, reference="GJJ-1", number=""))
    other = proved_person(house, register_person, 2)
    with house.ground.database.transaction() as session:
        by = TwoClerks("a" * 22, "b" * 22, "hall-2")
        made = house.login.links.activation.at_counter(session, other.id, system, account, by, origin=NOWHERE)
    assert isinstance(made, Ok)
    assert settle(pair, person).startswith("Somebody else has this account.")
    assert owner_of(house, account) is None
    assert [case.kind for case in cases_of(house, account)] == [CaseKind.CONTESTED]
    assert settle(pair, person).startswith("Two others decide whose this account is")


def test_a_clerk_settles_no_account_of_their_own(
    house: House, pair: Hall, system: int, register_person: object
) -> None:
    """Whose number the row has counts as much as whose card it is."""
    clerk = pair.clerks[0]
    person = proved_person(house, register_person, 5)
    with house.ground.database.read() as session:
        number = house.people.directory.proved_number(session, clerk.id)
    assert number is not None
    account = add_account(house, system, row_of(person, reference="GJJ-1", number=number.canonical))
    assert "concerns one of you two" in settle(pair, person)
    assert owner_of(house, account) is None


def test_the_form_asks_for_system_and_account(house: House, pair: Hall, system: int, person: TestPerson) -> None:
    """Without an account there is nothing to propose; with one, a proposal goes on to the card."""
    first = pair.browsers[0]
    begin(pair, first, "legacy-link", system=CODE, reference="")
    assert first.path.endswith("/new/legacy-link") and "Enter the account number" in first.text
    propose(house, system, add_account(house, system, row_of(person)), person)
    begin(pair, first, "legacy-link", system=CODE, reference="GJJ-1")
    assert "/counter/matters/" in first.path and "Read the card" in first.text
