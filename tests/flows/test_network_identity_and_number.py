"""A network identity without a number beside a number that was proved for less: neither lends the other anything."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.house.build import House
from idp.house.erasure import build_erasure
from idp.persons.identifiers import Identifiers
from idp.persons.models import Proofing
from idp.persons.vocabulary import AttributeName, IdentifierState
from realname.documents.application_id import ApplicationId
from realname.proofing.contest import Contest
from realname.proofing.evidence import Evidence, Recorded
from realname.proofing.method import Method
from realname.proofing.models import IdentityCase
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.network_identity import ial_of, identity_states
from tests.support.proofing import evidence_of, state_of

Register = Callable[..., TestPerson]
ID, OTHER_ID = ApplicationId("AbCdEfGh01234567"), ApplicationId("abcdefgh01234567")


@pytest.fixture
def me(register_person: Register) -> TestPerson:
    return register_person()


def bare(house: House, person: TestPerson, application_id: ApplicationId = ID, *, name: str | None = None) -> Evidence:
    """An assertion without a number."""
    evidence = evidence_of(house, person, Method.NETWORK_IDENTITY)
    return replace(evidence, provider="network_identity", number=None, name=name, application_id=application_id)


def whole(house: House, person: TestPerson, application_id: ApplicationId = ID, **changed: str) -> Evidence:
    """An assertion with number and name."""
    evidence = evidence_of(house, person, Method.NETWORK_IDENTITY, **changed)
    return replace(evidence, provider="network_identity", application_id=application_id)


def carry_out(house: House, evidence: Evidence, person: TestPerson) -> Recorded:
    """Prove a person as a step of the login does, with nothing presented."""
    with house.ground.database.transaction() as session:
        recorded = house.login.proofing.proved.carry_out(
            session, person.id, evidence, presented=(), keep=None, locale="zh_CN", origin=NOWHERE
        )
    assert recorded is not None
    return recorded


def name_of(house: House, person: TestPerson) -> tuple[str, int]:
    """Return the name with the level it was proved at."""
    with house.ground.database.read() as session:
        fact = house.people.attributes.of(session, person.id)[AttributeName.FULL_NAME]
    return fact.value, fact.level


def counting(house: House, person: TestPerson) -> list[str]:
    """Return the methods of the proofings that were not revoked."""
    with house.ground.database.read() as session:
        statement = sa.select(Proofing.method).where(Proofing.person_id == person.id, Proofing.revoked_at.is_(None))
        return sorted(session.scalars(statement))


def test_a_mobile_does_not_join_a_number_to_a_network_identity(house: House, me: TestPerson) -> None:
    """It joins one to whoever has level 2 by it; here the number would be told at level 3, which nobody proved."""
    carry_out(house, bare(house, me), me)
    recorded = carry_out(house, evidence_of(house, me, Method.MOBILE), me)
    assert (recorded.number_state, recorded.contest) == (IdentifierState.CLAIMED, Contest.NONE)
    assert state_of(house, me) is IdentifierState.CLAIMED and ial_of(house, me) == 3


def test_without_a_network_identity_it_does(house: House, me: TestPerson) -> None:
    recorded = carry_out(house, evidence_of(house, me, Method.MOBILE), me)
    assert recorded.number_state is IdentifierState.CURRENT and ial_of(house, me) == 2


def test_nor_does_one_that_counts_no_longer_stand_in_the_way(house: House, me: TestPerson, clock: FrozenClock) -> None:
    """After its time the mobile joins the number, at level 2."""
    carry_out(house, bare(house, me), me)
    clock.advance(days=366)
    recorded = carry_out(house, evidence_of(house, me, Method.MOBILE), me)
    assert recorded.number_state is IdentifierState.CURRENT and ial_of(house, me) == 2


@pytest.mark.parametrize("method", [Method.FACE, Method.COUNTER])
def test_a_face_and_the_counter_join_it(house: House, me: TestPerson, method: Method) -> None:
    """From then on the number's own proof is what the level stands on; the assertion without it counts no longer."""
    carry_out(house, bare(house, me), me)
    recorded = carry_out(house, evidence_of(house, me, method), me)
    assert recorded.number_state is IdentifierState.CURRENT
    assert counting(house, me) == [method] and identity_states(house, me) == ["current"]


def test_so_does_the_identitys_own_assertion(house: House, me: TestPerson) -> None:
    carry_out(house, bare(house, me), me)
    recorded = carry_out(house, whole(house, me), me)
    assert recorded.number_state is IdentifierState.CURRENT and ial_of(house, me) == 3
    assert counting(house, me) == ["network_identity"] and identity_states(house, me) == ["current"]


def test_an_assertion_without_a_number_raises_nobody_who_has_one(house: House, me: TestPerson) -> None:
    """Also where the number was proved in the very moment between the step's look and its writing."""
    carry_out(house, evidence_of(house, me, Method.MOBILE), me)
    recorded = carry_out(house, bare(house, me), me)
    assert recorded.contest is Contest.STANDS_BACK and ial_of(house, me) == 1
    assert identity_states(house, me) == []


def test_a_name_that_was_proved_for_less_is_not_told_at_the_level_of_the_identity(house: House, me: TestPerson) -> None:
    """Somebody's number and name are known to many; with their own network identity they must not become them."""
    carry_out(house, evidence_of(house, me, Method.NAME), me)
    assert name_of(house, me) == (me.name, 2)
    carry_out(house, bare(house, me), me)
    assert name_of(house, me) == (me.name, 1)
    carry_out(house, evidence_of(house, me, Method.NAME), me)
    assert name_of(house, me) == (me.name, 1) and ial_of(house, me) == 3


def test_a_name_that_the_service_asserted_is(house: House, me: TestPerson) -> None:
    """And stays, when the same identity comes again without it."""
    carry_out(house, bare(house, me, name="张晓明"), me)
    assert name_of(house, me) == ("张晓明", 3)
    carry_out(house, bare(house, me), me)
    assert name_of(house, me) == ("张晓明", 3)


def test_a_number_that_is_disputed_takes_the_identity_with_it(house: House, register_person: Register) -> None:
    """Two who prove one number as well: neither is raised, and the application id is nobody's yet."""
    first, second = register_person(), register_person()
    carry_out(house, evidence_of(house, first, Method.FACE), first)
    recorded = carry_out(house, whole(house, second), second)
    assert recorded.contest is Contest.DISPUTED and recorded.lost == (first.id,)
    assert (ial_of(house, first), ial_of(house, second)) == (1, 1)
    assert identity_states(house, second) == []


def test_a_number_that_was_proved_for_less_is_taken_over(house: House, register_person: Register) -> None:
    """As a face takes it over from a mobile."""
    first, second = register_person(), register_person()
    carry_out(house, evidence_of(house, first, Method.MOBILE), first)
    recorded = carry_out(house, whole(house, second), second)
    assert recorded.contest is Contest.DISPLACES and recorded.lost == (first.id,)
    assert (ial_of(house, first), ial_of(house, second)) == (1, 3)
    assert identity_states(house, second) == ["current"]


def test_one_identity_in_two_accounts_is_a_case_for_a_human(house: House, register_person: Register) -> None:
    """Equal proofs: neither account is raised, and neither by trying again. Once one is closed the other is."""
    first, second = register_person(), register_person()
    carry_out(house, bare(house, first), first)
    assert carry_out(house, bare(house, second), second).contest is Contest.DISPUTED
    assert carry_out(house, bare(house, first), first).contest is Contest.DISPUTED
    assert (ial_of(house, first), ial_of(house, second)) == (1, 1)
    with house.ground.database.read() as session:
        assert set(session.scalars(sa.select(IdentityCase.kind))) == {"disputed"}
    build_erasure(house).erase(first.id)
    assert carry_out(house, bare(house, second), second).contest is Contest.NONE
    assert ial_of(house, second) == 3


def test_two_ids_that_differ_in_case_are_two_persons(house: House, register_person: Register) -> None:
    first, second = register_person(), register_person()
    carry_out(house, bare(house, first), first)
    assert carry_out(house, bare(house, second, OTHER_ID), second).contest is Contest.NONE
    assert (ial_of(house, first), ial_of(house, second)) == (3, 3)


def test_a_new_identity_with_the_same_number_takes_the_place_of_the_old_one(house: House, me: TestPerson) -> None:
    carry_out(house, whole(house, me), me)
    carry_out(house, whole(house, me, OTHER_ID), me)
    assert sorted(identity_states(house, me)) == ["current", "former"] and ial_of(house, me) == 3


def test_nothing_that_reads_numbers_reads_an_application_id(house: House, me: TestPerson) -> None:
    """Not the profile, not what is released, not the login by a number."""
    carry_out(house, bare(house, me), me)
    identifiers: Identifiers = house.people.identifiers
    with house.ground.database.read() as session:
        assert {each.canonical for each in identifiers.of(session, me.id)} == {me.number}
        assert house.people.directory.current_number(session, me.id) is None
        assert house.people.directory.find_by_login(session, ID.canonical) is None
        assert list(identifiers.application_ids(session, me.id).values()) == [ID]


def test_the_key_of_the_indexes_can_be_changed_with_it(house: House, me: TestPerson) -> None:
    """It is indexed as numbers are, one row per live key version."""
    carry_out(house, bare(house, me), me)
    columns: Any = sa.text(
        "select count(*) from identifier_indexes x join identifiers i on i.id = x.identifier_id"
        " where i.type = 'network_identity' and x.type = i.type"
    )
    with house.ground.database.read() as session:
        assert session.execute(columns).scalar_one() == 1
