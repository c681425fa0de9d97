"""Document numbers: claimed by anybody, current for one."""

import sqlalchemy as sa

from idp.core.results import Ok, Refused
from idp.persons.identifiers import IdentifierProblem
from idp.persons.models import IdentifierIndex
from idp.persons.vocabulary import IdentifierState

from .conftest import build_keyring, build_room, make_number, race


def _claims(database, room, persons):
    with database.read() as session:
        return [room.identifiers.of(session, person)[0].id for person in persons]


def test_a_proved_number_is_found(database, room, register, clock):
    """A number finds its person once it is current, and not before."""
    number = make_number()
    person_id = register(number=number)
    (identifier_id,) = _claims(database, room, [person_id])
    with database.transaction() as session:
        assert room.directory.find_by_login(session, number.canonical) is None
        assert room.directory.current_number(session, person_id) is None
        made = room.identifiers.set_current(session, identifier_id, proofing_id="p1", at=clock.now())
        assert made == Ok(person_id)
        found = room.directory.find_by_login(session, number.canonical.lower())
        assert (found.person_id, found.kind) == (person_id, number.type)
        current = room.directory.current_number(session, person_id)
    assert (current.canonical, current.proofing_id, current.state) == (
        number.canonical,
        "p1",
        IdentifierState.CURRENT,
    )
    assert number.canonical not in repr(current)


def test_a_number_is_current_for_one_person(database, room, register, clock):
    """The second person's claim on a proved number is refused and stays a claim."""
    number = make_number()
    persons = [register(number=number), register(number=number)]
    first, second = _claims(database, room, persons)
    with database.transaction() as session:
        room.identifiers.set_current(session, first, proofing_id="p1", at=clock.now())
        refused = room.identifiers.set_current(session, second, proofing_id="p2", at=clock.now())
        assert refused == Refused(IdentifierProblem.TAKEN)
        assert room.identifiers.of(session, persons[1])[0].state is IdentifierState.CLAIMED
        assert room.directory.find_by_login(session, number.canonical).person_id == persons[0]


def test_only_a_claim_becomes_current(database, room, register, clock):
    """A current number, an ended one and an unknown row are not made current."""
    (identifier_id,) = _claims(database, room, [register(number=make_number())])
    with database.transaction() as session:
        room.identifiers.set_current(session, identifier_id, proofing_id="p1", at=clock.now())
        for row in (identifier_id, "unknown"):
            again = room.identifiers.set_current(session, row, proofing_id="p2", at=clock.now())
            assert again == Refused(IdentifierProblem.NOT_CLAIMED)


def test_an_ended_number_frees_it(database, room, register, clock):
    """A former number finds nobody and may become current for another; it ends once."""
    number = make_number()
    persons = [register(number=number), register(number=number)]
    first, second = _claims(database, room, persons)
    with database.transaction() as session:
        room.identifiers.set_current(session, first, proofing_id="p1", at=clock.now())
        assert room.identifiers.end(session, first, IdentifierState.FORMER, at=clock.now())
        assert not room.identifiers.end(session, first, IdentifierState.FORMER, at=clock.now())
        assert room.directory.find_by_login(session, number.canonical) is None
        made = room.identifiers.set_current(session, second, proofing_id="p2", at=clock.now())
        assert made == Ok(persons[1])


def test_two_prove_one_number_at_once(database, room, register, clock):
    """Of two proofings of one number at the same moment exactly one is accepted."""
    claims = _claims(database, room, [register(number=make_number()) for _ in range(2)])

    def act(place):
        with database.transaction() as session:
            return room.identifiers.set_current(session, claims[place], proofing_id=f"p{place}", at=clock.now())

    results = race(2, act)
    assert len([result for result in results if isinstance(result, Ok)]) == 1
    assert Refused(IdentifierProblem.TAKEN) in results


def test_becoming_current_covers_a_key_version_born_since(database, register, clock):
    """A number claimed under one index key is unique under every key that is live when it is proved."""
    before, during = build_room(build_keyring(1), clock), build_room(build_keyring(1, 2), clock)
    person_id = register()
    with database.transaction() as session:
        identifier_id = before.identifiers.claim(session, person_id, make_number(), at=clock.now())
        during.identifiers.set_current(session, identifier_id, proofing_id="p", at=clock.now())
        rows = session.execute(sa.select(IdentifierIndex.key_version, IdentifierIndex.is_current)).all()
    assert sorted(map(tuple, rows)) == [(1, True), (2, True)]
