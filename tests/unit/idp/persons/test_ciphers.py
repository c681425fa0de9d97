"""The ciphers of persons."""

import pytest

from idp.crypto.errors import DecryptionFailed
from idp.persons.ciphers import PersonErased, PersonUnknown, decrypt_text, encrypt_text

from .conftest import counted_statements


def test_a_text_comes_back_for_its_person_and_row(database, room, register):
    """What was encrypted for a row of a person is read in another session."""
    person_id = register()
    with database.transaction() as session:
        cipher = room.ciphers.of(session, person_id)
        ciphertext = encrypt_text(cipher, "青海湖", table="attributes", row="r1")
    with database.read() as session:
        cipher = room.ciphers.of(session, person_id)
        assert decrypt_text(cipher, ciphertext, table="attributes", row="r1") == "青海湖"


def test_a_text_is_refused_elsewhere(database, room, register):
    """A ciphertext moved to another row, table or person does not decrypt."""
    person_id, other = register(), register()
    with database.read() as session:
        ciphertext = encrypt_text(room.ciphers.of(session, person_id), "x", table="attributes", row="r1")
        for person, table, row in (
            (person_id, "attributes", "r2"),
            (person_id, "contacts", "r1"),
            (other, "attributes", "r1"),
        ):
            with pytest.raises(DecryptionFailed):
                decrypt_text(room.ciphers.of(session, person), ciphertext, table=table, row=row)


def test_a_key_is_read_once_in_a_session(database, room, register):
    """However often a person's cipher is asked for, a session asks the database once."""
    person_id = register()
    with database.read() as session, counted_statements(database) as statements:
        for _ in range(3):
            room.ciphers.of(session, person_id)
    assert len(statements) == 1


def test_erasing_makes_everything_unreadable(database, room, register):
    """After the key is erased the person's data raise PersonErased, in the same session and in later ones."""
    person_id = register()
    with database.transaction() as session:
        room.directory.profile(session, person_id)
        assert room.ciphers.erase(session, person_id)
        with pytest.raises(PersonErased):
            room.directory.profile(session, person_id)
    with database.transaction() as session:
        with pytest.raises(PersonErased):
            room.ciphers.of(session, person_id)
        assert not room.ciphers.erase(session, person_id)


def test_an_unknown_person_has_no_cipher(database, room):
    """An id that nobody has is told apart from an erased person."""
    with database.read() as session, pytest.raises(PersonUnknown):
        room.ciphers.of(session, "nobody")
