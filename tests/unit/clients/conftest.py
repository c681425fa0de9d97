"""The fixtures of the tests of clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from joserfc.jwk import ECKey

import clients.models
import idp.audit.models
import idp.persons.models
from idp.crypto.keyring import Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import suite_by_name
from idp.storage.base import Base
from idp.storage.engine import Database
from idp.storage.short_lived.memory import MemoryBackend
from idp.storage.short_lived.store import ShortLivedStore
from tests.unit.clients.rooms import START, FakeFetcher, Rooms, StillClock

_TABLES = (clients.models, idp.audit.models, idp.persons.models)


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    suite = suite_by_name("international")
    return Keyring(
        [generate_data_key(purpose, 1, suite, KeyState.ACTIVE) for purpose in (Purpose.DATA, Purpose.MESSAGE)]
    )


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The embedded database, or PostgreSQL for the tests marked BOTH_DATABASES."""
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("make_postgres_database")(prepare_tables)
    else:
        url = f"sqlite:///{tmp_path / 'clients.db'}"
        prepare_tables(url)
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def rooms(database: Database, keyring: Keyring) -> Rooms:
    clock = StillClock()
    clock.advance(-3600)  # a store that has stood for a while: assertions older than it are refused
    store = ShortLivedStore(backend=MemoryBackend(clock=clock), keyring=keyring)
    clock.advance(3600)
    return Rooms(database=database, keyring=keyring, store=store, clock=clock, fetcher=FakeFetcher())


def prepare_tables(url: str) -> None:
    """Create the tables that clients need in an empty database."""
    database = Database(url)
    tables = [table for module in _TABLES for table in _tables_of(module)]
    Base.metadata.create_all(database.engine, tables=tables)
    if not database.is_sqlite:
        with database.transaction() as session:
            session.execute(sa.text("CREATE TABLE audit_events_all PARTITION OF audit_events DEFAULT"))
    database.close()


def _tables_of(module: object) -> list[sa.FromClause]:
    return [
        value.__table__
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Base) and value is not Base
    ]


@pytest.fixture
def person_id(rooms: Rooms) -> str:
    """A person who may consent."""
    with rooms.database.transaction() as session:
        session.add(idp.persons.models.Person(id="person-1", status="active", created_at=START))
    return "person-1"


@pytest.fixture(scope="session")
def signing_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
