"""Guardians whom two clerks saw the documents of: proved and ended at a counter."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.counter import Hall, open_hall
from tests.support.deaths import make_person
from tests.support.frozen_clock import FrozenClock
from tests.support.guardians import ALL, child_id_of, child_of, guardian, say_child, scopes
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of
from tests.support.matters import begin, code_of_matter, decide_together, named, propose_card, speak_english
from tests.support.proofing import in_register
from tests.support.sent import audited, sent

Register = Callable[..., TestPerson]


@pytest.fixture
def parent(house: House, register_person: Register) -> TestPerson:
    return guardian(house, register_person, 1)


@pytest.fixture
def child(house: House) -> TestPerson:
    return child_of(house, 1)


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register) -> Hall:
    made = open_hall(house, app, clock, register_person)
    made.add_clerk(household="household of the second clerk")
    speak_english(*made.browsers)
    return made


def prove_guardian(hall: Hall, parent: TestPerson, child: TestPerson, **typed: str) -> str:
    """Let two clerks look at the parent's card and the household register; return what came of it."""
    card = card_of(parent.number, parent.name)
    return decide_together(hall, "guardianship", card=card, **named(child) | typed)


def end_guardian(hall: Hall, parent: TestPerson, child: TestPerson) -> str:
    guardian_fields = {"guardian_name": parent.name, "guardian_number": parent.number}
    return decide_together(hall, "guardianship-end", **named(child), **guardian_fields)


def test_two_clerks_make_a_parent_the_guardian(house: House, hall: Hall, parent: TestPerson, child: TestPerson) -> None:
    """The child gets a person without login; both rows name the clerks; the parent is told."""
    assert prove_guardian(hall, parent, child).startswith("The guardian acts for the child from now on")
    assert scopes(house, parent, child) == ALL
    child_id = child_id_of(house, child)
    assert child_id is not None
    for person_id in (parent.id, child_id):
        (row,) = audited(house, "guardianship.granted", person_id)
        assert row.actor_person == hall.clerks[1].id
        assert row.details is not None and row.details["by"] == "counter"
    assert len(sent(house, "guardianship_granted", parent.mobile)) == 1


def test_the_childs_name_has_to_be_that_of_its_account(
    house: House, hall: Hall, register_person: Register, parent: TestPerson, child: TestPerson
) -> None:
    """A second guardian who names another child is refused; with the right name they act for the same person."""
    prove_guardian(hall, parent, child)
    other = guardian(house, register_person, 3)
    assert prove_guardian(hall, other, child, name="王大大").startswith("The child's account has another name")
    assert scopes(house, other, child) == set()
    prove_guardian(hall, other, child)
    assert scopes(house, other, child) == scopes(house, parent, child) == ALL


def test_only_a_proved_adult_is_a_guardian_and_of_a_minor_only(
    house: House, hall: Hall, register_person: Register, parent: TestPerson, child: TestPerson
) -> None:
    """Whose card leads to nobody, and who is no minor, or could have an account of their own."""
    unproved = register_person(name="张小明", number=child_of(house, 7, birth="19800101").number)
    assert prove_guardian(hall, unproved, child).startswith("Nobody was verified here by this card")
    young = make_person(house, register_person, 601, birth="20100105")
    assert prove_guardian(hall, young, child).startswith("Only who is 18 or older")
    assert prove_guardian(hall, parent, child_of(house, 3, birth="19990105")).startswith("By the number")
    assert prove_guardian(hall, parent, child_of(house, 5, birth="20110105")).startswith("Who is 14 or older")
    assert child_id_of(house, child) is None
    assert prove_guardian(hall, parent, child).startswith("The guardian acts")


@pytest.mark.parametrize("who", [0, 1])
def test_a_clerk_is_not_made_a_guardian_by_themself(house: House, hall: Hall, child: TestPerson, who: int) -> None:
    """Whichever of the two: another pair has to look."""
    assert prove_guardian(hall, hall.clerks[who], child).startswith("This concerns one of you two")
    assert child_id_of(house, child) is None


def test_a_clerk_of_the_childs_household_does_not_decide(
    house: House, hall: Hall, parent: TestPerson, child: TestPerson
) -> None:
    """By the register, also where the child has no person here; another household does."""
    say_child(house, child, [], household="household of the second clerk")
    assert prove_guardian(hall, parent, child).startswith("By the register")
    say_child(house, child, [], household="of the family")
    in_register(house, parent, household="of the family")
    assert prove_guardian(hall, parent, child).startswith("The guardian acts")


def test_a_guardian_without_a_card_proposes_nothing(hall: Hall, parent: TestPerson, child: TestPerson) -> None:
    """A code is shown once the card was read and compared, and not before."""
    clerk = hall.browsers[0]
    begin(hall, clerk, "guardianship", **named(child))
    page = clerk.path
    propose_card(clerk)
    assert clerk.path == "/counter"
    clerk.open(page)
    hall.read(clerk, card_of(parent.number, parent.name))
    propose_card(clerk)
    assert code_of_matter(clerk)


def test_two_clerks_end_what_a_court_ended(
    house: House, hall: Hall, register_person: Register, parent: TestPerson, child: TestPerson
) -> None:
    """Of this guardian alone, who need not be there and is told; what is not there is not ended."""
    other = guardian(house, register_person, 3)
    prove_guardian(hall, parent, child)
    assert end_guardian(hall, other, child).startswith("This guardian does not act")
    prove_guardian(hall, other, child)
    assert end_guardian(hall, parent, child).startswith("The guardian acts for the child no more")
    assert (scopes(house, parent, child), scopes(house, other, child)) == (set(), ALL)
    assert len(sent(house, "guardianship_ended", parent.mobile)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"guardian_number": "110105194912310021"}, "ID number of a guardian"),
        ({"guardian_name": "123"}, "no name of a guardian"),
    ],
)
def test_the_guardian_who_is_typed_is_read_like_the_child(
    hall: Hall, parent: TestPerson, child: TestPerson, typed: dict[str, str], said: str
) -> None:
    fields = {"guardian_name": parent.name, "guardian_number": parent.number}
    begin(hall, hall.browsers[0], "guardianship-end", **named(child) | fields | typed)
    response = hall.browsers[0].response
    assert response is not None and response.status_code == 422
    assert said in hall.browsers[0].text
