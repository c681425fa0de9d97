"""The password row and what is common to credentials."""

import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.persons.credentials import (
    change_password,
    credentials_of,
    end_credentials,
    password_hash_of,
    rehash_password,
)
from idp.persons.models import Credential
from idp.persons.vocabulary import CredentialKind

from .conftest import counted_statements, race


def test_the_hash_of_a_person(database, register):
    """A person's hash is found; nobody, and who has no password, has none; each costs one statement."""
    with_password, without = register(password_hash="h1"), register()
    with database.read() as session, counted_statements(database) as statements:
        hashes = [password_hash_of(session, person) for person in (with_password, without, "x", None)]
    assert hashes == ["h1", None, None, None]
    assert len(statements) == 4


def test_a_change_replaces_the_hash(database, register, clock):
    """After a change only the new hash is there, and the audit has one row without it."""
    person_id = register(password_hash="h1")
    with database.transaction() as session:
        change_password(session, person_id, "h2", at=clock.advance(1))
        assert password_hash_of(session, person_id) == "h2"
        assert session.scalar(sa.select(sa.func.count()).select_from(Credential)) == 1
        event = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.at.desc())).first()
    assert (event.event, event.details) == ("credential.changed", {"kind": "password"})


def test_a_first_password_is_added(database, register, clock):
    """Who had none gets one, audited as added; also where two ask at once there is one row."""
    person_id = register()

    def act(place):
        with database.transaction() as session:
            change_password(session, person_id, f"h{place}", at=clock.now())

    race(3, act)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Credential)) == 1
        events = session.scalars(sa.select(AuditEvent.event)).all()
    assert sorted(events) == [
        "credential.added",
        "credential.changed",
        "credential.changed",
        "person.registered",
    ]


def test_a_rehash_never_undoes_a_change(database, register, clock):
    """A stronger hash of the old password is refused once the password was changed."""
    person_id = register(password_hash="weak")
    with database.transaction() as session:
        assert rehash_password(session, person_id, old_hash="weak", new_hash="strong")
        assert password_hash_of(session, person_id) == "strong"
        change_password(session, person_id, "new", at=clock.now())
        assert not rehash_password(session, person_id, old_hash="strong", new_hash="stronger")
        assert password_hash_of(session, person_id) == "new"


def test_ended_credentials_hold_no_secret(database, register, clock):
    """Removing the password erases its hash; a second removal finds nothing."""
    person_id, other = register(password_hash="h1"), register(password_hash="h2")
    with database.transaction() as session:
        assert end_credentials(session, person_id, CredentialKind.PASSWORD, at=clock.now()) == 1
        assert end_credentials(session, person_id, CredentialKind.PASSWORD, at=clock.now()) == 0
        assert password_hash_of(session, person_id) is None
        assert password_hash_of(session, other) == "h2"
        assert credentials_of(session, person_id) == ()
        assert sorted(session.scalars(sa.select(Credential.secret_hash)).all(), key=str) == [None, "h2"]


def test_an_owner_sees_kinds_and_times(database, register, clock):
    """The list of credentials tells kind and times, nothing to authenticate with."""
    person_id = register(password_hash="h1")
    with database.read() as session:
        (credential,) = credentials_of(session, person_id)
    assert (credential.kind, credential.created_at) == (CredentialKind.PASSWORD, clock.now())
    assert "h1" not in repr(credential)
