"""Whole houses for tests: on the embedded set-up and on PostgreSQL with Redis, each test its own.

Keys and tables are made once in a run and copied, because drawing an RSA key costs more than most tests.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from idp.app import create_app
from idp.config.settings import DatabaseSettings, Settings, ShortLivedSettings
from idp.core.clock import civil_date
from idp.house.build import House, build_house
from idp.house.deliveries import build_worker
from idp.house.ground import create_keys, open_database
from idp.keys.models import KeyCheck, WrappedKey
from idp.outbox.worker import Worker
from idp.persons.registration import NewPerson
from idp.tokens.models import SigningKeyRow
from idp.web.message_texts import render_message
from migrations import run as migrations
from realname.documents.parse import parse_number
from tests.support.frozen_clock import FrozenClock
from tests.support.postgres_databases import MakeDatabase
from tests.support.redis_fixtures import RedisSpace
from tests.support.run_folder import once_per_run, run_folder_of

SETUPS = ("embedded", "production")
PASSWORD = "correct-horse-7-staple"  # made up, on no list
_KEY_FOLDER = Path("house-keys")


@dataclass(frozen=True, slots=True)
class TestPerson:
    """A made-up person and what they type."""

    __test__ = False

    id: str
    name: str
    number: str
    mobile: str
    login_name: str
    password: str = PASSWORD


@pytest.fixture
def clock() -> FrozenClock:
    """The clock of the test's house."""
    return FrozenClock()


@pytest.fixture
def overrides() -> dict[str, Any]:
    """Settings of the test's house that differ from the embedded defaults; a test module overrides this."""
    return {}


@pytest.fixture(params=SETUPS)
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FrozenClock,
    overrides: dict[str, Any],
) -> Iterator[House]:
    """A house of the test's own, once on each set-up."""
    with open_house(request, request.param, tmp_path / "data", clock, overrides) as built:
        yield built


@contextmanager
def open_house(
    request: pytest.FixtureRequest, setup: str, data: Path, clock: FrozenClock, overrides: Mapping[str, Any]
) -> Iterator[House]:
    """Build a house on one set-up, its files in the folder `data`."""
    folder = run_folder_of(request.config)
    template = Path(once_per_run(folder, "house-template", lambda: _make_template(folder))["path"])
    shutil.copytree(template, data)
    stores: dict[str, Any] = {}
    if setup == "production":
        stores = _production_stores(request, template)
    settings = Settings(data_dir=data, **{**stores, **overrides})
    built = build_house(settings, clock=clock)
    yield built
    built.close()


@pytest.fixture
def app(house: House) -> Flask:
    """The application over the test's house."""
    made = create_app(house)
    made.testing = False  # errors become answers, as they would for people
    return made


@pytest.fixture
def worker(house: House) -> Worker:
    """A worker to run by hand: `worker.run_once()`."""
    return build_worker(house, render=render_message)


@pytest.fixture
def register_person(house: House) -> Callable[..., TestPerson]:
    """Make a person straight in the database."""
    count = 0

    def register(name: str = "张小明", number: str = "11010519491231002X", **extra: Any) -> TestPerson:
        nonlocal count
        count += 1
        mobile = extra.pop("mobile", f"+8613800138{count:03d}")
        login_name = extra.pop("login_name", f"person{count}")
        parsed = parse_number(number, today=civil_date(house.ground.clock.now()))
        with house.ground.database.transaction() as session:
            person_id = house.people.registration.register(
                session,
                NewPerson(
                    name=name,
                    number=parsed.value,  # type: ignore[union-attr]
                    mobile=mobile,
                    login_name=login_name,
                    password_hash=house.people.passwords.hash(extra.pop("password", PASSWORD)),
                    **extra,
                ),
            )
        return TestPerson(person_id, name, number, mobile, login_name)

    return register


def prepare_postgres(url: str) -> None:
    """Fill an empty PostgreSQL database: the tables."""
    database = open_database(Settings(database=DatabaseSettings(url=SecretStr(url))))
    migrations.upgrade(database)
    database.close()


def _make_template(folder: Path) -> dict[str, str]:
    path = folder / "house-template-data"
    settings = Settings(data_dir=path)
    database = open_database(settings)
    migrations.upgrade(database)
    database.close()
    create_keys(settings, FrozenClock())
    return {"path": str(path)}


def _production_stores(request: pytest.FixtureRequest, template: Path) -> dict[str, Any]:
    make: MakeDatabase = request.getfixturevalue("make_postgres_database")
    space: RedisSpace = request.getfixturevalue("redis_space")

    def prepare_with_keys(url: str) -> None:
        prepare_postgres(url)
        _copy_keys(template, url)

    url = make(prepare_with_keys)
    return {
        "database": DatabaseSettings(url=SecretStr(url)),
        "short_lived": ShortLivedSettings(backend="redis", url=SecretStr(space.url), prefix=space.prefix),
    }


def _copy_keys(template: Path, url: str) -> None:
    """Bring the template's wrapped keys over: the key file is the same."""
    source = open_database(Settings(data_dir=template))
    target = open_database(Settings(database=DatabaseSettings(url=SecretStr(url))))
    with source.read() as reading, target.transaction() as writing:
        for model in (WrappedKey, KeyCheck, SigningKeyRow):
            columns = [column.name for column in model.__table__.columns]
            for row in reading.query(model):
                writing.add(model(**{name: getattr(row, name) for name in columns}))
    source.close()
    target.close()
