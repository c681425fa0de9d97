"""What a person let a client have, and how it ends."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clients import consents
from clients.consents import ConsentedItem
from clients.models import Consent, ConsentItem
from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin
from idp.audit.models import AuditEvent
from idp.persons.models import Person
from tests.unit.clients.rooms import BOTH_DATABASES, START, WEB, Rooms

pytestmark = BOTH_DATABASES

PROFILE = ConsentedItem("profile", "scope", separate=False, text_digest="d1")
NUMBER = ConsentedItem("id_number", "claim", separate=True, text_digest="d2")


@pytest.fixture(autouse=True)
def portal(rooms: Rooms, person_id: str) -> None:
    rooms.administration.create(WEB, client_id="portal")
    rooms.administration.create(WEB, client_id="other")


def grant(rooms: Rooms, *items: ConsentedItem, client_id: str = "portal", after: int = 0) -> bool:
    with rooms.database.transaction() as session:
        return consents.grant(
            session,
            "person-1",
            client_id,
            items,
            locale="zh_CN",
            at=START + timedelta(seconds=after),
            origin=Origin(office="hall-1"),
        )


def withdraw(rooms: Rooms, person_id: str = "person-1", **which: str) -> bool:
    with rooms.database.transaction() as session:
        return consents.withdraw(session, person_id, at=START, origin=NOWHERE, **which)


def granted(rooms: Rooms, client_id: str = "portal", person_id: str = "person-1") -> frozenset[str]:
    with rooms.database.read() as session:
        return consents.granted(session, person_id, client_id)


def audited(rooms: Rooms) -> list[tuple[str, object]]:
    with rooms.database.read() as session:
        rows = session.execute(
            sa.select(AuditEvent.event, AuditEvent.details).where(AuditEvent.person_id == "person-1")
        )
        return [(row.event, row.details) for row in rows]


def test_granted_items_are_remembered_for_that_client(rooms: Rooms) -> None:
    """One client's consent is no other's."""
    assert granted(rooms) == frozenset()
    assert grant(rooms, PROFILE, NUMBER)
    assert granted(rooms) == {"profile", "id_number"}
    assert granted(rooms, client_id="other") == frozenset()
    assert granted(rooms, person_id="person-2") == frozenset()
    assert audited(rooms) == [
        (Event.CONSENT_GRANTED, {"items": {"id_number": "d2", "profile": "d1"}, "locale": "zh_CN"})
    ]


def test_only_what_is_new_is_added(rooms: Rooms) -> None:
    """The same again leaves no trace; a second item joins the one live consent."""
    assert grant(rooms, PROFILE)
    assert not grant(rooms, PROFILE, after=5)
    assert not grant(rooms)
    assert grant(rooms, PROFILE, NUMBER, NUMBER, after=10)
    with rooms.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 1
        times = {
            row.name: row.granted_at for row in session.execute(sa.select(ConsentItem.name, ConsentItem.granted_at))
        }
        assert session.scalar(sa.select(Consent.office)) == "hall-1"
    assert times == {"profile": START, "id_number": START + timedelta(seconds=10)}
    assert [details for _, details in audited(rooms)][-1] == {"items": {"id_number": "d2"}, "locale": "zh_CN"}


def test_changed_text_is_recorded_anew(rooms: Rooms) -> None:
    """Which words the person saw last is kept; the earlier ones stay in the audit."""
    grant(rooms, PROFILE)
    assert grant(rooms, ConsentedItem("profile", "scope", separate=False, text_digest="d9"), after=7)
    with rooms.database.read() as session:
        item = session.scalars(sa.select(ConsentItem)).one()
    assert (item.text_digest, item.granted_at) == ("d9", START + timedelta(seconds=7))
    assert len(audited(rooms)) == 2


def test_withdrawn_consent_ends_with_all_its_items(rooms: Rooms) -> None:
    """By client or by id; the rows stay, a new consent is a new row."""
    grant(rooms, PROFILE, NUMBER)
    assert withdraw(rooms, client_id="portal")
    assert granted(rooms) == frozenset()
    assert not withdraw(rooms, client_id="portal")
    assert audited(rooms)[-1] == (Event.CONSENT_WITHDRAWN, {"items": ["id_number", "profile"]})
    assert grant(rooms, PROFILE)
    assert granted(rooms) == {"profile"}
    with rooms.database.read() as session:
        (live,) = consents.list_for(session, "person-1")
        assert session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 2
    assert withdraw(rooms, consent_id=live.id)
    assert granted(rooms) == frozenset()


def test_nobody_withdraws_for_another_person(rooms: Rooms) -> None:
    """An id that was seen somewhere opens nothing."""
    grant(rooms, PROFILE)
    with rooms.database.transaction() as session:
        session.add(Person(id="person-2", status="active", created_at=START))
        (live,) = consents.list_for(session, "person-1")
    assert not withdraw(rooms, person_id="person-2", consent_id=live.id)
    assert not withdraw(rooms, person_id="person-2", client_id="portal")
    assert granted(rooms) == {"profile"}


def test_withdrawal_names_the_consent_in_one_way(rooms: Rooms) -> None:
    """Neither or both is a mistake of the caller."""
    for which in ({}, {"consent_id": "x", "client_id": "portal"}):
        with pytest.raises(ValueError, match="either"):
            withdraw(rooms, **which)


def test_person_sees_every_live_consent(rooms: Rooms) -> None:
    """The newest first, with its items, without those that ended."""
    grant(rooms, PROFILE)
    grant(rooms, NUMBER, client_id="other", after=5)
    with rooms.database.read() as session:
        listed = consents.list_for(session, "person-1")
        assert consents.list_for(session, "person-2") == ()
    assert [consent.client_id for consent in listed] == ["other", "portal"]
    assert [(item.name, item.separate) for item in listed[0].items] == [("id_number", True)]
    withdraw(rooms, client_id="other")
    with rooms.database.read() as session:
        assert [consent.client_id for consent in consents.list_for(session, "person-1")] == ["portal"]


def test_two_windows_leave_one_consent(rooms: Rooms) -> None:
    """Both answers at once end in one live row with both items."""
    barrier = threading.Barrier(2)

    def answer(item: ConsentedItem) -> None:
        barrier.wait()
        grant(rooms, item)

    threads = [threading.Thread(target=answer, args=(item,)) for item in (PROFILE, NUMBER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted(rooms) == {"profile", "id_number"}
    with rooms.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 1
