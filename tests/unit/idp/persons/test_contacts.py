"""Contacts with history."""

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.persons.contacts import ContactTaken
from idp.persons.models import ContactIndex
from idp.persons.vocabulary import ContactKind, ContactState

from .conftest import build_keyring, build_room, race

OLD, NEW = "+8619900000001", "+8619900000002"


def test_a_new_mobile_replaces_the_old_one(database, room, register, clock):
    """After a change the new mobile finds the person, the old one nobody, and the change is audited."""
    person_id = register(mobile=OLD)
    with database.transaction() as session:
        room.contacts.set_current(session, person_id, ContactKind.MOBILE, NEW, at=clock.advance(60))
    with database.read() as session:
        assert room.directory.find_by_mobile(session, NEW).person_id == person_id
        assert room.directory.find_by_mobile(session, OLD) is None
        assert [contact.value for contact in room.contacts.of(session, person_id)] == [NEW]
        details = session.scalars(sa.select(AuditEvent.details).order_by(AuditEvent.at.desc())).first()
    assert details == {"kind": "mobile", "what": "verified"}


def test_a_released_mobile_is_free_for_another(database, room, register, clock):
    """A mobile that its person gave up may be verified by somebody else; before that it is refused."""
    first, second = register(mobile=OLD), register()
    with database.transaction() as session, pytest.raises(ContactTaken):
        room.contacts.set_current(session, second, ContactKind.MOBILE, OLD, at=clock.now())
    with database.transaction() as session:
        assert room.contacts.end(session, first, ContactKind.MOBILE, at=clock.now()) == 1
        assert room.contacts.end(session, first, ContactKind.MOBILE, at=clock.now()) == 0
        room.contacts.set_current(session, second, ContactKind.MOBILE, OLD, at=clock.now())
    with database.read() as session:
        assert room.directory.find_by_mobile(session, OLD).person_id == second


def test_a_refused_change_changes_nothing(database, room, register, clock):
    """Where another person holds the new mobile, the old one stays the person's."""
    register(mobile=NEW)
    person_id = register(mobile=OLD)
    with database.transaction() as session:
        with pytest.raises(ContactTaken):
            room.contacts.set_current(session, person_id, ContactKind.MOBILE, NEW, at=clock.now())
        assert room.directory.find_by_mobile(session, OLD).person_id == person_id


def test_the_same_mobile_may_be_verified_again(database, room, register, clock):
    """Verifying the mobile that one has already is no conflict with oneself."""
    person_id = register(mobile=OLD)
    with database.transaction() as session:
        room.contacts.set_current(session, person_id, ContactKind.MOBILE, OLD, at=clock.now())
        assert room.directory.find_by_mobile(session, OLD).person_id == person_id


def test_a_claimed_email_counts_once_verified(database, room, register, clock):
    """A typed e-mail finds nobody, a verified one its person, whatever the case of its letters."""
    person_id = register(email="Some.Body@example.cn")
    with database.transaction() as session:
        (claimed,) = room.contacts.of(session, person_id)
        assert claimed.state is ContactState.CLAIMED
        assert room.directory.find_by_login(session, "some.body@example.cn") is None
        assert room.contacts.verify(session, person_id, claimed.id, at=clock.now())
        assert not room.contacts.verify(session, person_id, claimed.id, at=clock.now())
        found = room.directory.find_by_login(session, "SOME.body@EXAMPLE.cn")
    assert (found.person_id, found.kind) == (person_id, ContactKind.EMAIL)


def test_only_the_owner_verifies(database, room, register, clock):
    """Another person's claimed contact cannot be verified."""
    owner, stranger = register(email="a@example.cn"), register()
    with database.transaction() as session:
        (claimed,) = room.contacts.of(session, owner)
        assert not room.contacts.verify(session, stranger, claimed.id, at=clock.now())


def test_a_second_claim_ends_the_first(database, room, register, clock):
    """There is one claimed contact of a kind; a current one beside it stays and comes first."""
    person_id = register(mobile=OLD)
    with database.transaction() as session:
        room.contacts.claim(session, person_id, ContactKind.MOBILE, NEW, at=clock.advance(1))
        room.contacts.claim(session, person_id, ContactKind.MOBILE, "+8619900000003", at=clock.advance(1))
        values = [contact.value for contact in room.contacts.of(session, person_id)]
        assert values == [OLD, "+8619900000003"]
        assert [each.value for each in room.directory.contacts(session, person_id)] == [OLD]


def test_two_verify_one_email_at_once(database, room, register, clock):
    """Of two persons who verify one e-mail at the same moment, one is told that it is taken."""
    persons = [register(email="a@example.cn") for _ in range(2)]
    with database.read() as session:
        claimed = [room.contacts.of(session, person)[0].id for person in persons]

    def act(place):
        try:
            with database.transaction() as session:
                return room.contacts.verify(session, persons[place], claimed[place], at=clock.now())
        except ContactTaken:
            return False

    assert sorted(race(2, act)) == [False, True]


def test_verifying_covers_a_key_version_born_since(database, register, clock):
    """A contact claimed under one index key is unique under both once verified during a rotation."""
    before, during = build_room(build_keyring(1), clock), build_room(build_keyring(1, 2), clock)
    person_id = register()
    with database.transaction() as session:
        contact_id = before.contacts.claim(session, person_id, ContactKind.EMAIL, "a@b.cn", at=clock.now())
        assert during.contacts.verify(session, person_id, contact_id, at=clock.now())
        rows = session.execute(sa.select(ContactIndex.key_version, ContactIndex.is_current)).all()
        assert sorted(map(tuple, rows)) == [(1, True), (2, True)]
        assert during.directory.find_by_login(session, "a@b.cn").person_id == person_id


def test_a_contact_shows_no_value(database, room, register):
    """The repr of a contact hides what it is."""
    person_id = register(mobile=OLD)
    with database.read() as session:
        assert OLD not in repr(room.contacts.of(session, person_id))
