"""Keys of both sorts are exchanged under load, and the exchange survives being killed (architecture, decision 6)."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from flask import Flask

from idp.config.settings import KeySettings, LimitSettings
from idp.core.clock import Clock
from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.house.rotation import plans
from idp.keys.models import KeyRotation, PersonKey, WrappedKey
from idp.keys.rows import Exchange
from idp.persons.models import ContactIndex, IdentifierIndex
from idp.persons.registration import NewPerson
from idp.persons.vocabulary import ContactKind
from tests.support.crowd import mobile_of, write_crowd
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, make_client, parameters_of

Register = Callable[..., TestPerson]
CROWD = {"sqlite": 10_000, "postgresql": 100_000}
KILLS = 2
# Commands wait for leases and load a whole house; a loaded machine takes its time.
PATIENCE_SECONDS = 300


@pytest.fixture
def clock() -> Clock:
    """Real time: other processes take part."""
    return Clock()


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Short leases, so that a rotation's waits are short; and one address that logs in all the time."""
    return {"keys": KeySettings(reload_seconds=1), "limits": LimitSettings(login_per_minute=0)}


@pytest.fixture
def command(house: House, tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Start the idp command on the test's house."""
    settings = house.settings
    file = tmp_path / "config.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "data_dir": str(settings.data_dir),
                "database": {"url": settings.database.url.get_secret_value()},
                "short_lived": {
                    "backend": settings.short_lived.backend,
                    "url": settings.short_lived.url.get_secret_value(),
                    "prefix": settings.short_lived.prefix,
                },
                "keys": {"reload_seconds": 1},
            }
        )
    )

    def start(*arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "idp.cli", *arguments],
            env={**os.environ, "IDP_CONFIG": str(file)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


class Crowd:
    """People who log in, register and change numbers without a pause, and note whatever goes wrong."""

    def __init__(self, house: House, size: int) -> None:
        self._house = house
        self._size = size
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(act,)) for act in (self._look_up, self._register)]
        self.problems: list[str] = []
        self.done = 0
        self.newcomers: list[str] = []

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, act: Callable[[random.Random], None]) -> None:
        chance = random.Random(act.__name__)
        while not self._stop.is_set():
            try:
                act(chance)
            except Exception as error:
                self.problems.append(f"{act.__name__}: {type(error).__name__} {error}")
            self.done += 1

    def _look_up(self, chance: random.Random) -> None:
        mobile = mobile_of(chance.randrange(self._size))
        people = self._house.people
        with self._house.ground.database.read() as session:
            found = people.directory.find_by_mobile(session, mobile)
            assert found is not None, "a person is not found"
            assert people.directory.profile(session, found.person_id).mobile == mobile
        time.sleep(0.002)  # the machine's cores are shared with the rotations

    def _register(self, chance: random.Random) -> None:
        """Somebody new comes, and then changes the number, which another one may take at once."""
        people, database = self._house.people, self._house.ground.database
        first, second = (f"+86150{chance.randrange(10**8):08d}" for _ in range(2))
        with database.transaction() as session:
            person_id = people.registration.register(session, NewPerson(name="新人", mobile=first))
        with database.transaction() as session:
            now = self._house.ground.clock.now()
            people.contacts.set_current(session, person_id, ContactKind.MOBILE, second, at=now)
        with database.transaction() as session:
            people.registration.register(session, NewPerson(name="后来人", mobile=first))
        with database.read() as session:
            found = people.directory.find_by_mobile(session, second)
            assert found is not None and found.person_id == person_id, "a newcomer is not found"
        self.newcomers += [first, second]
        time.sleep(0.05)  # they are few beside those who log in


def _killed_and_resumed(command: Callable[..., "subprocess.Popen[str]"], purpose: str, chance: random.Random) -> int:
    """Rotate a key by a command that is killed at any moment, until one reaches the end; return the kills."""
    for kills in range(KILLS + 1):
        process = command("keys", "rotate", purpose)
        patience = chance.uniform(2, 8) if kills < KILLS else PATIENCE_SECONDS
        try:
            output, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            output, _ = process.communicate()
            assert kills < KILLS, f"the rotation of {purpose} does not end: {output}"
            continue
        assert process.returncode == 0, output
        return kills
    raise AssertionError


@pytest.fixture
def size(house: House) -> Iterator[int]:
    """How many people the house has."""
    count = CROWD[house.ground.database.url.get_backend_name()]
    write_crowd(house, count)
    yield count


def test_data_and_index_keys_are_exchanged_under_load(
    house: House, app: Flask, command: Callable[..., "subprocess.Popen[str]"], size: int, register_person: Register
) -> None:
    """Everybody is found at every moment; afterwards nothing is left under the old versions and they are gone."""
    chance, kills = random.Random(), {}
    person, party = register_person(), make_client(house)
    with Crowd(house, size) as crowd:
        rotations = [
            threading.Thread(
                target=lambda purpose=purpose: kills.update({purpose: _killed_and_resumed(command, purpose, chance)})
            )
            for purpose in ("data", "index")
        ]
        for rotation in rotations:
            rotation.start()
        while any(rotation.is_alive() for rotation in rotations):
            browser = FormBrowser(app)
            browser.open(party.authorize_path())
            browser.log_in(person, identifier=person.mobile)
            assert "code" in parameters_of(browser.location)
            time.sleep(0.5)
    assert crowd.problems == []
    assert set(kills) == {"data", "index"} and crowd.done > 500
    _assert_nothing_is_left(house, size)
    for mobile in [mobile_of(0), mobile_of(size - 1), *crowd.newcomers[:200]]:
        with house.ground.database.read() as session:
            assert house.people.directory.find_by_mobile(session, mobile) is not None


def _assert_nothing_is_left(house: House, size: int) -> None:
    with house.ground.database.read() as session:
        versions = session.execute(sa.select(WrappedKey.purpose, WrappedKey.version, WrappedKey.state)).all()
        assert ("data", 2, "active") in versions and ("index", 2, "active") in versions
        assert not [row for row in versions if row.version == 1 and row.purpose in ("data", "index")]
        assert session.scalars(sa.select(KeyRotation)).all() == []
        for index in (ContactIndex, IdentifierIndex):
            assert set(session.scalars(sa.select(index.key_version).distinct())) == {2}
        assert session.scalar(sa.select(sa.func.count()).select_from(PersonKey)) >= size
    old = Exchange(Purpose.DATA, 1, 2, b"\x01\x01\x06data.1")
    left = [rows.count_left(old) for rows in plans(house.settings, house.ground.database)[Purpose.DATA].rows]
    assert left and not any(left)
