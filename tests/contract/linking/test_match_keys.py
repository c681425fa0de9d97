"""What persons are matched by follows what is proved of them, by the audit log alone."""

import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.log import record
from idp.house.audit import build_sealer
from idp.house.linking import build_match_key_upkeep
from idp.linking.link_models import MatchKey
from idp.linking.vocabulary import LinkState
from idp.persons.models import Identifier, Person
from idp.persons.vocabulary import AttributeName, ContactKind, IdentifierState
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number
from tests.support.proofed import end_number, prove

NAME, OTHER_NAME = "张小明", "张大明"
MOBILE, OTHER_MOBILE = "+8615412345678", "+8616312345678"


def tell(world: LegacyWorld, event: Event, person: str) -> None:
    with world.database.transaction() as session:
        record(session, event, at=world.change().at, person_id=person)


def seal(world: LegacyWorld) -> None:
    world.house.ground.clock.advance(hours=2)  # type: ignore[attr-defined]
    build_sealer(world.house.settings, world.database, world.house.ground.clock).run()


def test_somebody_who_enrols_is_proposed_what_waited(world: LegacyWorld) -> None:
    number = new_number()
    world.run(world.add_system(), [Row("1", number, NAME)])
    person = world.add_person(NAME, number, refresh=False)
    tell(world, Event.PROOFING_RECORDED, person)
    assert build_match_key_upkeep(world.house.ground).run() == 1
    assert [(link.person_id, link.state) for link in world.links()] == [(person, LinkState.PROPOSED)]


def test_what_was_sealed_before_it_was_read_is_read_too(world: LegacyWorld) -> None:
    person = world.add_person(NAME, new_number(), refresh=False)
    tell(world, Event.PROOFING_RECORDED, person)
    seal(world)
    upkeep = build_match_key_upkeep(world.house.ground)
    assert (upkeep.run(), upkeep.run()) == (1, 0)
    assert len(world.match_keys()) == 1


def test_every_name_and_number_has_its_key(world: LegacyWorld) -> None:
    first, second = new_number(), new_number()
    person = world.add_person(NAME, first, mobile=MOBILE)
    end_number(world.house, person, IdentifierState.FORMER)
    prove(world.house, person, name=OTHER_NAME, number=second)
    world.refresh(person)
    told = {(key.is_former_number, key.is_former_name) for key in world.match_keys()}
    assert told == {(False, False), (False, True), (True, False), (True, True)}
    assert sum(key.mobile_index is not None for key in world.match_keys()) == 1
    assert world.refresh(person) == frozenset()


def test_a_name_or_number_that_was_only_typed_has_none(world: LegacyWorld) -> None:
    person = world.add_person(NAME, new_number(), refresh=False)
    with world.database.transaction() as session:
        session.execute(sa.update(Identifier).values(state=IdentifierState.CLAIMED, proofing_id=None))
    world.refresh(person)
    assert world.match_keys() == []


def test_a_number_that_is_anothers_now_is_theirs_alone(world: LegacyWorld) -> None:
    """Whoever is looked at first: the earlier holder comes along."""
    number = new_number()
    first = world.add_person(NAME, number)
    end_number(world.house, first, IdentifierState.DISPUTED)
    second = world.add_person(OTHER_NAME, number, refresh=False)
    world.refresh(second)
    assert {key.person_id: key.is_former_number for key in world.match_keys()} == {first: True, second: False}


def test_a_mobile_that_is_anothers_now_is_theirs_alone(world: LegacyWorld) -> None:
    first = world.add_person(NAME, new_number(), mobile=MOBILE)
    second = world.add_person(OTHER_NAME, new_number(), mobile=OTHER_MOBILE)
    at, contacts = world.change().at, world.house.people.contacts
    with world.database.transaction() as session:
        contacts.set_current(session, first, ContactKind.MOBILE, "+8616800000001", at=at)
    with world.database.transaction() as session:
        contacts.set_current(session, second, ContactKind.MOBILE, MOBILE, at=at)
    world.refresh(second)
    assert len({key.mobile_index for key in world.match_keys()}) == 2


def test_whoever_was_merged_is_found_as_the_survivor(world: LegacyWorld) -> None:
    number = new_number()
    merged, survivor = world.add_person(NAME, number), world.add_person(NAME, new_number())
    with world.database.transaction() as session:
        session.execute(sa.update(Person).where(Person.id == merged).values(status="merged", merged_into=survivor))
    assert world.refresh(merged) == {survivor}
    assert {key.person_id for key in world.match_keys()} == {survivor}


def test_a_backfill_mends_what_is_missing_and_stale(world: LegacyWorld) -> None:
    person, other = world.add_person(NAME, new_number()), world.add_person(NAME, new_number())
    with world.database.transaction() as session:
        session.execute(sa.delete(MatchKey).where(MatchKey.person_id == person))
        world.house.people.attributes.set(
            session, other, AttributeName.FULL_NAME, OTHER_NAME, source="test", level=3, at=world.change().at
        )
    upkeep = build_match_key_upkeep(world.house.ground)
    assert upkeep.backfill() == 2
    assert upkeep.backfill() == 0
    assert len(world.match_keys()) == 3
