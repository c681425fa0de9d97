"""A database with this room's tables, a clock that stands still, keys, and the room put together."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.core.clock import Clock
from idp.core.results import Ok
from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose
from idp.crypto.suites import INTERNATIONAL
from idp.keys.models import PersonKey
from idp.persons.attributes import Attributes
from idp.persons.ciphers import PersonCiphers
from idp.persons.contacts import Contacts
from idp.persons.directory import Directory
from idp.persons.identifiers import Identifiers
from idp.persons.models import Person
from idp.persons.registration import NewPerson, Registration
from idp.storage.base import Base
from idp.storage.engine import Database
from realname.documents.check_character import mod_11_2
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number

T = TypeVar("T")

# Only what this room writes: other rooms' tables may refer to tables that are not imported here.
_TABLES = [
    mapper.local_table
    for mapper in Base.registry.mappers
    if mapper.class_.__module__ in {model.__module__ for model in (AuditEvent, PersonKey, Person)}
]


class StandingClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> datetime:
        self.instant += timedelta(seconds=seconds)
        return self.instant


@dataclass(frozen=True)
class Room:
    """The collaborators of this room, as the composition root will build them."""

    ciphers: PersonCiphers
    attributes: Attributes
    identifiers: Identifiers
    contacts: Contacts
    registration: Registration
    directory: Directory


def build_room(keyring: Keyring, clock: Clock) -> Room:
    ciphers = PersonCiphers(keyring=keyring, clock=clock)
    attributes = Attributes(ciphers=ciphers)
    identifiers = Identifiers(keyring=keyring, ciphers=ciphers)
    contacts = Contacts(keyring=keyring, ciphers=ciphers)
    registration = Registration(
        ciphers=ciphers, attributes=attributes, identifiers=identifiers, contacts=contacts, clock=clock
    )
    directory = Directory(
        keyring=keyring, attributes=attributes, identifiers=identifiers, contacts=contacts, clock=clock
    )
    return Room(ciphers, attributes, identifiers, contacts, registration, directory)


def build_keyring(*index_versions: int) -> Keyring:
    """One key per purpose, and an index key per version, the last of which is active."""
    keys = [
        DataKey(purpose, 1, INTERNATIONAL.name, bytes([place]) * 32, KeyState.ACTIVE)
        for place, purpose in enumerate(Purpose, start=1)
        if purpose is not Purpose.INDEX
    ]
    for version in index_versions:
        state = KeyState.ACTIVE if version == index_versions[-1] else KeyState.READ
        keys.append(DataKey(Purpose.INDEX, version, INTERNATIONAL.name, bytes([100 + version]) * 32, state))
    return Keyring(keys)


def make_number(sequence: int = 1) -> DocumentNumber:
    """A well-formed number of nobody: no county has this code."""
    digits = f"11019919900307{sequence:03d}"
    parsed = parse_number(digits + mod_11_2(digits), today=date(2026, 3, 2))
    assert isinstance(parsed, Ok)
    return parsed.value


def prepare_database(url: str) -> None:
    """Create this room's tables; on PostgreSQL the audit log gets one partition for every month."""
    database = Database(url)
    try:
        with database.transaction() as session:
            Base.metadata.create_all(session.connection(), tables=_TABLES)
            if not database.is_sqlite:
                session.execute(sa.text("CREATE TABLE audit_events_all PARTITION OF audit_events DEFAULT"))
    finally:
        database.close()


def race(count: int, act: Callable[[int], T]) -> list[T]:
    """Run `act` in that many threads, started together, and return what each gave."""
    barrier = Barrier(count)

    def run(place: int) -> T:
        barrier.wait(timeout=30)
        return act(place)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@contextmanager
def counted_statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the block sends."""
    statements: list[str] = []

    def collect(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", collect)
    try:
        yield statements
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", collect)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def keyring() -> Keyring:
    """Two live index keys, as in the middle of a rotation."""
    return build_keyring(1, 2)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("make_postgres_database")(prepare_database)
        return url
    url = f"sqlite:///{tmp_path / 'persons.db'}"
    prepare_database(url)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def room(keyring: Keyring, clock: StandingClock) -> Room:
    return build_room(keyring, clock)


@pytest.fixture
def register(database: Database, room: Room) -> Callable[..., str]:
    """Call it with fields of NewPerson to make a person in a transaction of its own."""

    def make(**fields: Any) -> str:
        with database.transaction() as session:
            return room.registration.register(session, NewPerson(**{"name": "测试甲", **fields}))

    return make
