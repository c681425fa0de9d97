"""Finding and reading persons."""

import json

import pytest

from idp.persons.vocabulary import AttributeName, ContactKind, IdentifierState

from .conftest import counted_statements, make_number

MOBILE = "+8619900000001"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("19900000001", ContactKind.MOBILE),
        ("a@example.cn", ContactKind.EMAIL),
        ("CLERK.one", ContactKind.LOGIN_NAME),
    ],
)
def test_a_person_is_found_by_each_contact(database, room, register, text, kind):
    """Mobile, verified e-mail and login name each find their person and say which it was."""
    person_id = register(mobile=MOBILE, email="a@example.cn", email_verified=True, login_name="clerk.one")
    register(mobile="+8619900000002", login_name="clerk.two")
    with database.read() as session:
        found = room.directory.find_by_login(session, text)
    assert (found.person_id, found.kind) == (person_id, kind)


@pytest.mark.parametrize(
    "text",
    [
        "19900000001",  # known
        "19900000009",
        "nobody@example.cn",
        "nobody",
        make_number().canonical,  # claimed
        make_number(3).canonical,
        "",
        "nonsense \x00 \ud800",
    ],
)
def test_every_text_costs_one_statement(database, room, register, text):
    """Known, unknown, claimed and malformed identifiers cost one and the same statement (ASVS 6.3.8)."""
    register(mobile=MOBILE, number=make_number())
    with database.read() as session, counted_statements(database) as statements:
        found = room.directory.find_by_login(session, text)
    assert len(statements) == 1
    assert (found is not None) == (text == "19900000001")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_look_up_uses_the_indexes(database, room):
    """SQLite answers the look-up from its unique indexes and scans no table."""
    with database.read() as session, counted_statements(database) as statements:
        room.directory.find_by_login(session, "19900000001")
    values = ("mobile", 2, "x", "nothing", 2, "x")
    with database.read() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[0]}", values).all()
    lines = [row[-1] for row in plan]
    assert any("uq_contact_indexes_current" in line for line in lines)
    assert not any(line.startswith("SCAN") for line in lines)


def test_load_tells_no_secret(database, room, register):
    """A person's record is read without a key; an unknown id is None."""
    person_id = register(locale="zh-CN")
    with database.read() as session:
        assert room.directory.load(session, person_id).locale == "zh-CN"
        assert room.directory.load(session, "nobody") is None


def test_a_profile_carries_every_claim(database, room, register, clock):
    """Facts set for a person come back by their claim names; a later value replaces the earlier one."""
    person_id = register(mobile=MOBILE, number=make_number())
    address = json.dumps({"locality": "测试市", "country": "CN"})
    with database.transaction() as session:
        for name in AttributeName:
            value = address if name is AttributeName.ADDRESS else f"old {name}"
            room.attributes.set(session, person_id, name, value, source="register", level=2, at=clock.advance(1))
        room.attributes.set(
            session, person_id, AttributeName.NICKNAME, "new", source="self", level=1, at=clock.advance(1)
        )
        room.attributes.end(session, person_id, AttributeName.PICTURE, at=clock.advance(1))
        profile = room.directory.profile(session, person_id)
    assert (profile.full_name, profile.name_source, profile.name_source_level) == (
        "old full_name",
        "register",
        2,
    )
    assert profile.attributes[AttributeName.ADDRESS] == address
    assert profile.attributes["nickname"] == "new"
    assert set(AttributeName) - set(profile.attributes) == {AttributeName.FULL_NAME, AttributeName.PICTURE}
    assert profile.updated_at is not None
    assert profile.number_state is IdentifierState.CLAIMED
    assert profile.number_masked != make_number().canonical
    assert repr(profile) == f"Profile(person_id={person_id!r})"


def test_a_bare_person_has_a_profile(database, room, register):
    """A person with nothing but a name has a profile of Nones."""
    person_id = register()
    with database.read() as session:
        profile = room.directory.profile(session, person_id)
        assert room.directory.contacts(session, person_id) == ()
    assert (profile.mobile, profile.email, profile.number_masked) == (None, None, None)
    assert not profile.mobile_verified


def test_notices_go_to_verified_contacts_only(database, room, register):
    """Notices go to the verified mobile, never to a typed e-mail or a login name."""
    person_id = register(mobile=MOBILE, email="a@example.cn", login_name="clerk.one")
    with database.read() as session:
        contacts = room.directory.contacts(session, person_id)
    assert [(contact.kind, contact.value) for contact in contacts] == [(ContactKind.MOBILE, MOBILE)]
