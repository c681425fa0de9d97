"""Making a person."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.log import Origin
from idp.audit.models import AuditEvent
from idp.keys.models import PersonKey
from idp.persons.contacts import ContactTaken
from idp.persons.models import (
    Attribute,
    Contact,
    ContactIndex,
    Credential,
    Identifier,
    IdentifierIndex,
    Person,
)
from idp.persons.registration import NewPerson
from idp.persons.vocabulary import ContactKind, IdentifierState, PersonStatus

from .conftest import make_number, race

MOBILE = "+8619900000001"


def _count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_everything_given_is_written(database, room, clock):
    """A registration writes the person, key, name, number, contacts, password and one audit row."""
    new = NewPerson(
        name="测试甲",
        number=make_number(),
        mobile=MOBILE,
        email="Some.Body@example.cn",
        login_name="clerk.one",
        password_hash="$argon2id$x",
        locale="bo",
    )
    with database.transaction() as session:
        person_id = room.registration.register(session, new, origin=Origin(request_id="r", channel="portal"))
    with database.read() as session:
        profile = room.directory.profile(session, person_id)
        record = room.directory.load(session, person_id)
        event = session.scalars(sa.select(AuditEvent)).one()
        versions = session.scalars(sa.select(IdentifierIndex.key_version)).all()
        assert _count(session, ContactIndex) == 6  # three contacts under two live keys
    assert (profile.full_name, profile.name_source, profile.name_source_level) == ("测试甲", "self", 1)
    assert (profile.mobile, profile.mobile_verified) == (MOBILE, True)
    assert (profile.email, profile.email_verified) == ("Some.Body@example.cn", False)
    assert profile.login_name == "clerk.one"
    assert profile.number_state is IdentifierState.CLAIMED
    assert (record.status, record.locale, record.created_at) == (PersonStatus.ACTIVE, "bo", clock.now())
    assert sorted(versions) == [1, 2]
    assert (event.event, event.person_id, event.channel) == (Event.PERSON_REGISTERED, person_id, "portal")
    assert event.details == {
        "identifier": "resident_id",
        "contacts": ["mobile", "email", "login_name"],
        "password": True,
    }


def test_a_typed_number_reserves_nothing(database, register):
    """Two persons may claim one number: only a proofing decides whose it is."""
    register(number=make_number())
    register(number=make_number())
    with database.read() as session:
        assert _count(session, Identifier) == 2
        assert not session.scalars(sa.select(IdentifierIndex).where(IdentifierIndex.is_current)).all()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (ContactKind.MOBILE, {"mobile": MOBILE}),
        (ContactKind.EMAIL, {"email": "a@example.cn", "email_verified": True}),
        (ContactKind.LOGIN_NAME, {"login_name": "clerk.one"}),
    ],
)
def test_a_contact_that_somebody_holds_is_refused(database, room, register, kind, fields):
    """A verified contact names one person; the second registration writes nothing, though others follow."""
    register(**fields)
    with database.transaction() as session:
        with pytest.raises(ContactTaken) as raised:
            room.registration.register(session, NewPerson(name="测试乙", number=make_number(), **fields))
        room.registration.register(session, NewPerson(name="测试丙"))
    assert raised.value.kind is kind
    assert not any(str(value) in str(raised.value) for value in fields.values())
    with database.read() as session:
        assert [_count(session, model) for model in (Person, PersonKey, Attribute)] == [2, 2, 2]
        assert [_count(session, model) for model in (Identifier, Contact, AuditEvent)] == [0, 1, 2]


def test_an_unverified_email_is_nobodys(database, room, register):
    """The same typed e-mail may stand with several persons and finds none of them."""
    register(email="a@example.cn")
    register(email="a@example.cn")
    with database.read() as session:
        assert room.directory.find_by_login(session, "a@example.cn") is None


def test_two_registrations_of_one_mobile_race(database, room):
    """Of several registrations of one mobile at the same moment exactly one succeeds."""

    def act(place):
        try:
            with database.transaction() as session:
                return room.registration.register(session, NewPerson(name=f"人{place}", mobile=MOBILE))
        except ContactTaken:
            return None

    assert len([person for person in race(4, act) if person]) == 1
    with database.read() as session:
        assert _count(session, Person) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_stands_in_clear_in_the_file(database, register, tmp_path: Path):
    """Number, mobile, e-mail, login name and name are nowhere in the database's files."""
    number = make_number()
    register(name="测试姓名甲", number=number, mobile=MOBILE, email="some.body@example.cn", login_name="clerk.one")
    database.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert b"person.registered" in content
    for text in (
        number.canonical,
        number.canonical[6:14],
        MOBILE[3:],
        "some.body",
        "clerk.one",
        "测试姓名甲",
    ):
        assert text.encode() not in content


def test_a_new_person_shows_nothing():
    """The repr of what the page collected holds no personal data and no hash."""
    number = make_number()
    shown = repr(NewPerson(name="测试甲", number=number, mobile=MOBILE, email="a@b.cn", password_hash="$argon2id$x"))
    for text in ("测试甲", number.canonical, MOBILE, "a@b.cn", "argon2"):
        assert text not in shown


def test_the_credential_is_a_hash_alone(database, register):
    """The password row holds the hash that was handed in."""
    person_id = register(password_hash="$argon2id$x")
    with database.read() as session:
        row = session.scalars(sa.select(Credential).where(Credential.person_id == person_id)).one()
    assert (row.kind, row.secret_hash, row.ciphertext) == ("password", "$argon2id$x", None)
