"""Processes say which keys they have, and a rotation waits for those that are behind."""

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.house.ground import key_store
from idp.keys import barrier
from idp.keys.barrier import Barrier
from idp.keys.instances import Presence, forget_gone, instances_behind
from idp.keys.models import KeyInstance
from tests.support.frozen_clock import FrozenClock
from tests.unit.idp.keys.conftest import MakeRotation


def _rows(house: House) -> list[KeyInstance]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(KeyInstance)))


@pytest.mark.parametrize("path", ["/login", "/oauth/jwks", "/readyz"])
def test_a_web_process_tells_with_its_requests(house: House, app: Flask, path: str) -> None:
    """Pages, the hot path and the readiness check all keep the row fresh; it is written seldom."""
    for _ in range(3):
        app.test_client().get(path)
    (row,) = _rows(house)
    assert row.fingerprint == house.ground.keyring.fingerprint and row.seen_at == house.ground.clock.now()


def test_who_is_behind_is_known(house: House, clock: FrozenClock) -> None:
    """A process with other keys counts while it is alive, and not when it was not seen for long."""
    house.ground.presence.note()
    present, now = house.ground.keyring.fingerprint, clock.now()
    assert instances_behind(house.ground.database, present, seen_after=now.replace(year=2020)) == ()
    assert len(instances_behind(house.ground.database, "other", seen_after=now.replace(year=2020))) == 1
    assert instances_behind(house.ground.database, "other", seen_after=now) == ()


def test_old_rows_are_swept(house: House, clock: FrozenClock) -> None:
    """Processes that ended long ago leave nothing once the worker has tidied up."""
    ground = house.ground
    for _ in range(2):
        Presence(database=ground.database, keyring=ground.keyring, clock=clock, every_seconds=1).note()
        clock.advance(hours=20)
    with ground.database.transaction() as session:
        assert forget_gone(session, at=clock.now()) == 1
    assert len(_rows(house)) == 1


def test_the_barrier_waits_for_a_process_and_for_an_open_transaction(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens only after the one is seen with the present keys and the other is over."""
    monkeypatch.setattr(barrier, "_SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(barrier, "_SAY_AFTER_SECONDS", 0.0)
    ground, said = house.ground, []
    heard = threading.Event()

    def hear(line: str) -> None:
        said.append(line)
        heard.set()

    store = key_store(ground.settings, ground.database, ground.kek, ground.clock)
    wall = Barrier(database=ground.database, store=store, clock=ground.clock, reload_seconds=0, report=hear)
    with ground.database.transaction() as session:
        session.add(KeyInstance(id="x" * 22, fingerprint="behind", seen_at=ground.clock.now().replace(year=2090)))
    waiting = threading.Thread(target=wall.wait)
    waiting.start()
    assert heard.wait(60) and "has not loaded" in said[0]
    with ground.database.transaction() as session:
        session.execute(sa.update(KeyInstance).values(fingerprint=store.fingerprint()))
    waiting.join(60)
    assert not waiting.is_alive()

    said.clear()
    heard.clear()
    with ground.database.transaction() as session:
        session.execute(sa.select(KeyInstance.id)).all()
        waiting = threading.Thread(target=wall.wait)
        waiting.start()
        assert heard.wait(60) and ("still open" in said[0] or "writes" in said[0])
    waiting.join(60)
    assert not waiting.is_alive()


def test_the_barrier_follows_another_rotation(
    house: House, make_rotation: MakeRotation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has even newer keys than those that were waited for at first is not behind."""
    monkeypatch.setattr(barrier, "_SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(barrier, "_SAY_AFTER_SECONDS", 0.0)
    ground, heard = house.ground, threading.Event()
    store = key_store(ground.settings, ground.database, ground.kek, ground.clock)
    wall = Barrier(
        database=ground.database,
        store=store,
        clock=ground.clock,
        reload_seconds=0,
        report=lambda _line: heard.set(),
    )
    later = ground.clock.now().replace(year=2090)
    with ground.database.transaction() as session:
        session.add(KeyInstance(id="x" * 22, fingerprint="behind", seen_at=later))
    waiting = threading.Thread(target=wall.wait)
    waiting.start()
    assert heard.wait(60)
    make_rotation().begin(Purpose.CODE)
    with ground.database.transaction() as session:
        session.execute(sa.update(KeyInstance).values(fingerprint=store.fingerprint()))
    waiting.join(60)
    assert not waiting.is_alive()
