"""Two people and one number: only a strictly higher proof wins, equal ones are for a human to decide."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.log import NOWHERE
from idp.house.build import House
from idp.persons.identity_level import identity_level
from idp.persons.vocabulary import IdentifierState
from realname.proofing.cases import open_cases
from realname.proofing.contest import Contest
from realname.proofing.evidence import Evidence, Recorded
from realname.proofing.method import Method
from realname.proofing.models import IdentityCase
from tests.support.houses import TestPerson
from tests.support.proofed import add_proofing
from tests.support.proofing import asked_for, evidence_of, in_register, prove, state_of, type_in
from tests.support.relying_party import RelyingParty, make_client, parameters_of
from tests.support.sent import audited, sent

Register = Callable[..., TestPerson]


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def two(house: House, register_person: Register) -> tuple[TestPerson, TestPerson]:
    """Two accounts that give one number and one name, each with a mobile that is held in that name."""
    first, second = register_person(), register_person()
    in_register(house, first, mobiles=(first.mobile, second.mobile))
    return first, second


def carry_out(house: House, evidence: Evidence, person: TestPerson) -> Recorded | None:
    """Prove a person as a step of the login does, with nothing presented."""
    with house.ground.database.transaction() as session:
        return house.login.proofing.proved.carry_out(
            session, person.id, evidence, presented=(), keep=None, locale="zh_CN", origin=NOWHERE
        )


def ial_of(house: House, person: TestPerson) -> int:
    with house.ground.database.read() as session:
        return identity_level(session, person.id, house.ground.clock.now())


def cases(house: House) -> list[str]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(IdentityCase.kind)))


def test_equal_proofs_are_both_disputed(
    house: House, app: Flask, party: RelyingParty, two: tuple[TestPerson, TestPerson]
) -> None:
    """Nobody has the number then, neither is raised by it, both are told, and a case waits for a human."""
    first, second = two
    earlier = asked_for(app, party, first)
    prove(house, earlier, first)
    assert state_of(house, first) is IdentifierState.CURRENT
    browser = asked_for(app, party, second)
    prove(house, browser, second)
    assert "归属" in browser.text
    assert (ial_of(house, first), ial_of(house, second)) == (1, 1)
    assert state_of(house, first) is None and state_of(house, second) is None
    assert cases(house) == ["disputed"]
    for person in two:
        assert len(sent(house, "number_contested", person.mobile)) == 1
    earlier.open("/account")
    assert earlier.path.endswith("/login")
    assert [row.reason for row in audited(house, "identifier.contested", first.id)] == ["disputed"]


def test_a_disputed_number_raises_nobody_at_the_same_level_again(
    house: House, app: Flask, party: RelyingParty, two: tuple[TestPerson, TestPerson]
) -> None:
    """Neither by trying once more nor by name and number alone."""
    first, _second = two
    for person in two:
        prove(house, asked_for(app, party, person), person)
    browser = asked_for(app, party, first)
    type_in(browser, first)
    browser.submit({}, browser.path.replace("/code", "/without-mobile"))
    assert browser.path.endswith("/verify") and ial_of(house, first) == 1
    prove(house, asked_for(app, party, first), first)
    assert ial_of(house, first) == 1 and state_of(house, first) is not IdentifierState.CURRENT


def test_a_strictly_higher_proof_displaces(
    house: House, app: Flask, party: RelyingParty, two: tuple[TestPerson, TestPerson]
) -> None:
    """What the displaced person had by the number ends at once, and they are told."""
    first, second = two
    earlier = asked_for(app, party, first)
    prove(house, earlier, first)
    recorded = carry_out(house, evidence_of(house, second, Method.COUNTER), second)
    assert recorded is not None and recorded.contest is Contest.DISPLACES and recorded.lost == (first.id,)
    assert (ial_of(house, first), ial_of(house, second)) == (1, 4)
    assert state_of(house, second) is IdentifierState.CURRENT
    assert cases(house) == ["displaces"] and len(sent(house, "number_contested", first.mobile)) == 1
    earlier.open("/account")
    assert earlier.path.endswith("/login")


def test_a_number_that_stands_twice_with_one_person_is_settled_once(
    house: House, two: tuple[TestPerson, TestPerson]
) -> None:
    """Typed again by whoever has it, beside the row that is bound: one case, and it comes to an end."""
    first, second = two
    carry_out(house, evidence_of(house, first, Method.MOBILE), first)
    number = evidence_of(house, first, Method.MOBILE).number
    assert number is not None
    for _ in range(4):  # rows come in the order of their random ids: one before the bound one is enough
        proofing_id = add_proofing(house, first.id)
        with house.ground.database.transaction() as session:
            typed = house.people.identifiers.claim(session, first.id, number, at=house.ground.clock.now())
            house.people.identifiers.note(session, typed, proofing_id=proofing_id)
    recorded = carry_out(house, evidence_of(house, second, Method.COUNTER), second)
    assert recorded is not None and recorded.contest is Contest.DISPLACES and recorded.lost == (first.id,)
    assert state_of(house, second) is IdentifierState.CURRENT and cases(house) == ["displaces"]


def test_a_lower_proof_stands_back(
    house: House, app: Flask, party: RelyingParty, two: tuple[TestPerson, TestPerson]
) -> None:
    """Whoever was seen at the counter keeps the number; nothing is told of them to the other, and nobody is told."""
    first, second = two
    carry_out(house, evidence_of(house, first, Method.COUNTER), first)
    browser = asked_for(app, party, second)
    prove(house, browser, second)
    assert "无法在线核验" in browser.text
    assert (ial_of(house, first), ial_of(house, second)) == (4, 1)
    assert state_of(house, first) is IdentifierState.CURRENT and state_of(house, second) is IdentifierState.CLAIMED
    assert cases(house) == [] and sent(house, "number_contested") == [] and sent(house, "proofed", second.mobile) == []


@pytest.mark.parametrize("is_first", [True, False], ids=["before", "afterwards"])
def test_who_knows_name_and_number_gives_way_to_who_shows_the_mobile(
    house: House, app: Flask, party: RelyingParty, two: tuple[TestPerson, TestPerson], is_first: bool
) -> None:
    """Many know a number and the name to it: that counts only as long as nobody proved more."""
    owner, other = two
    if not is_first:
        prove(house, asked_for(app, party, owner), owner)
    browser = asked_for(app, party, other)
    type_in(browser, other)
    browser.submit({}, browser.path.replace("/code", "/without-mobile"))
    assert ial_of(house, other) == (2 if is_first else 1)
    if is_first:
        assert "code" in parameters_of(browser.location)
        prove(house, asked_for(app, party, owner), owner)
        assert len(sent(house, "number_contested", other.mobile)) == 1
    assert (ial_of(house, owner), ial_of(house, other)) == (2, 1)
    assert state_of(house, owner) is IdentifierState.CURRENT and cases(house) == []


def test_the_counter_ends_a_dispute(
    house: House, app: Flask, party: RelyingParty, two: tuple[TestPerson, TestPerson]
) -> None:
    """A higher proof than both disputed ones makes the number current again."""
    first, second = two
    for person in two:
        prove(house, asked_for(app, party, person), person)
    carry_out(house, evidence_of(house, first, Method.COUNTER), first)
    assert state_of(house, first) is IdentifierState.CURRENT and ial_of(house, first) == 4
    with house.ground.database.read() as session:
        closed = session.scalars(sa.select(IdentityCase).where(IdentityCase.kind == "disputed")).one()
        assert (closed.outcome, closed.closed_at) == ("counter", house.ground.clock.now())
        assert [case.other_id for case in open_cases(session)] == [second.id]  # what they obtained is to be reviewed
    prove(house, asked_for(app, party, second), second)
    assert state_of(house, first) is IdentifierState.CURRENT


def test_evidence_counts_once(house: House, register_person: Register) -> None:
    """The same answer, brought again, raises nobody: not the same person, and nobody else."""
    first, second = register_person(), register_person(number="440308199901101512")
    evidence = evidence_of(house, first, Method.FACE)
    assert carry_out(house, evidence, first) is not None
    assert carry_out(house, evidence, first) is None
    assert carry_out(house, evidence, second) is None
    assert ial_of(house, second) == 1


def test_a_name_that_was_proved_better_stays(house: House, register_person: Register) -> None:
    """A lower proof adds nothing to the name; one as high brings a change of name, and the old one is history."""
    person = register_person()
    carry_out(house, evidence_of(house, person, Method.COUNTER), person)
    carry_out(house, evidence_of(house, person, Method.NAME, name="张小明明"), person)
    assert _name_of(house, person) == person.name
    carry_out(house, evidence_of(house, person, Method.COUNTER, name="李小明"), person)
    assert _name_of(house, person) == "李小明"


def test_a_number_typed_wrongly_at_registration_is_history(house: House, register_person: Register) -> None:
    """The one that was proved takes the place of the one that was only typed."""
    person = register_person(number="440308199901101512")
    carry_out(house, evidence_of(house, person, Method.COUNTER, number="11010519491231002X"), person)
    with house.ground.database.read() as session:
        numbers = house.people.identifiers.of(session, person.id)
    assert [(each.canonical, each.state) for each in numbers] == [("11010519491231002X", IdentifierState.CURRENT)]


def _name_of(house: House, person: TestPerson) -> str | None:
    with house.ground.database.read() as session:
        return house.people.directory.profile(session, person.id).full_name
