"""Counting of reads: userinfo and introspection, per client and minute, at no cost to who reads; both databases."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit import reading
from idp.audit.canonical import ROW
from idp.audit.count_writer import CountWriter
from idp.audit.counting import fold_counts
from idp.audit.events import Event
from idp.audit.log import Origin
from idp.audit.reading import ReadCounts
from idp.house.build import House
from idp.storage.engine import Database
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import at_once, counted_statements

READS = (Event.CLAIMS_READ, Event.TOKEN_INTROSPECTED)


def rows_of(house: House) -> list[tuple[Any, ...]]:
    """Return event, client, person and count of every row of a read, in the order of writing."""
    with house.ground.database.read() as session:
        found = session.execute(
            sa.select(ROW.c.event, ROW.c.client_id, ROW.c.person_id, ROW.c.count)
            .where(ROW.c.event.in_(READS))
            .order_by(ROW.c.at, ROW.c.event, ROW.c.count)
        )
        return [tuple(row) for row in found]


def fold(house: House) -> int:
    with house.ground.database.transaction() as session:
        return fold_counts(session, at=house.ground.clock.now())


@pytest.fixture
def token(house: House, app: Flask, register_person: Callable[..., TestPerson]) -> tuple[RelyingParty, TestPerson, str]:
    """A client that was let in, its person, and the access token."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(person)
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"])
    return party, person, answer.get_json()["access_token"]


def userinfo(app: Flask, token: str) -> int:
    return app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code


def introspect(app: Flask, party: RelyingParty, token: str) -> int:
    return app.test_client().post("/oauth/introspect", data={"token": token}, headers=party.basic()).status_code


def test_userinfo_is_counted_and_the_first_is_told(
    house: House, app: Flask, clock: FrozenClock, token: tuple[RelyingParty, TestPerson, str]
) -> None:
    """Of three reads one row tells whose data the client had, and one later says that there were two more."""
    party, person, bearer = token
    for _ in range(3):
        assert userinfo(app, bearer) == 200
    assert rows_of(house) == []
    house.ground.reads.flush()
    assert rows_of(house) == [(Event.CLAIMS_READ, party.client_id, person.id, 1)]
    clock.advance(minutes=3)
    assert fold(house) == 1
    assert rows_of(house)[1:] == [(Event.CLAIMS_READ, party.client_id, None, 2)]


def test_introspection_is_counted_by_who_asks(
    house: House, app: Flask, token: tuple[RelyingParty, TestPerson, str]
) -> None:
    """The caller, not the token's client, whatever the answer; the first row leads to the log."""
    _, _, bearer = token
    asking = make_client(house)
    assert introspect(app, asking, bearer) == introspect(app, asking, "nonsense") == 200
    house.ground.reads.flush()
    assert rows_of(house) == [(Event.TOKEN_INTROSPECTED, asking.client_id, None, 1)]
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(ROW.c.request_id).where(ROW.c.event == Event.TOKEN_INTROSPECTED))


def test_what_was_refused_or_is_public_is_no_read(
    house: House, app: Flask, token: tuple[RelyingParty, TestPerson, str]
) -> None:
    """Bad tokens and wrong secrets count as refusals, metadata and keys as nothing."""
    party, http = token[0], app.test_client()
    assert userinfo(app, "nonsense") == 401
    assert introspect(app, replace(party, client_secret="wrong"), "x") == 401
    for path in ("/oauth/jwks", "/.well-known/openid-configuration"):
        assert http.get(path).status_code == 200
    house.ground.reads.flush()
    assert rows_of(house) == []


def test_a_read_costs_no_statement(house: House, app: Flask, token: tuple[RelyingParty, TestPerson, str]) -> None:
    """Nothing is written while a client waits, neither for the first of a minute nor for others."""
    reads = house.ground.reads
    with counted_statements(house) as statements:
        for _ in range(3):
            reads.note(Event.CLAIMS_READ, "portal", person_id="person")
        userinfo(app, token[2])
    assert not [each for each in statements if "audit" in each]


def test_several_processes_count_together(house: House, clock: FrozenClock) -> None:
    """One of all is told, none is lost or counted twice, also where each writes several times in the minute."""
    others = [ReadCounts(database=house.ground.database, clock=clock) for _ in range(2)]
    for _ in range(2):
        for reads in (house.ground.reads, *others):
            for _ in range(4):
                reads.note(Event.CLAIMS_READ, "portal", origin=Origin("request-1", "portal"))
            reads.flush()
            reads.flush()
    clock.advance(minutes=3)
    fold(house)
    assert [row[-1] for row in rows_of(house)] == [1, 23]


def test_threads_count_together(house: House, clock: FrozenClock) -> None:
    """No increment is lost while others count and somebody writes."""
    reads = house.ground.reads

    def read() -> None:
        for _ in range(200):
            reads.note(Event.CLAIMS_READ, "portal")
        reads.flush()

    assert at_once(4, read) == [None] * 4
    reads.flush()
    clock.advance(minutes=3)
    fold(house)
    assert sum(row[-1] for row in rows_of(house)) == 800


def test_minutes_and_clients_are_apart(house: House, clock: FrozenClock) -> None:
    """Each client's first of each minute is told, many at once too."""
    reads = house.ground.reads
    for client in range(150):
        reads.note(Event.CLAIMS_READ, f"client-{client}")
    clock.advance(minutes=1)
    reads.note(Event.CLAIMS_READ, "client-1")
    reads.flush()
    assert len(rows_of(house)) == 151 and {row[-1] for row in rows_of(house)} == {1}


def test_memory_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody writes, no more than so many counters are held."""
    monkeypatch.setattr(reading, "_MOST_KEYS", 3)
    for client in range(10):
        house.ground.reads.note(Event.CLAIMS_READ, f"client-{client}")
    house.ground.reads.flush()
    assert len(rows_of(house)) == 3


def test_a_lost_database_fails_nobody(tmp_path: object, clock: FrozenClock) -> None:
    """Counting is best effort: without its table it only says so in the log."""
    with closing(Database(f"sqlite:///{tmp_path}/empty.db")) as empty:
        reads = ReadCounts(database=empty, clock=clock)
        reads.note(Event.CLAIMS_READ, "portal")
        reads.flush()


def test_a_process_writes_now_and_then_and_at_its_end() -> None:
    """The thread flushes by itself, and once more when it is told to stop."""
    flushed, twice = [], threading.Event()

    def flush() -> None:
        flushed.append(1)
        if len(flushed) >= 2:
            twice.set()

    writer = CountWriter(flush, every_seconds=0.01)
    writer.start()
    assert twice.wait(60)
    writer.stop()
    count = len(flushed)
    patient = CountWriter(flush)
    patient.start()
    patient.stop()
    assert len(flushed) == count + 1
