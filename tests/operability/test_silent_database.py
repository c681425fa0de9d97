"""A PostgreSQL that takes connections and says nothing holds nobody for long, and nothing is sent twice."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from idp.core.errors import StoreUnavailable
from idp.storage.engine import WAITS, Database, take_time
from idp.storage.patience import CONNECT_SECONDS, PatientConnection
from idp.storage.statements import Statement, Statements
from tests.support.tcp_proxy import TcpProxy

#: So that no test waits as long as a request may.
SHORT_SECONDS = 0.4
PATIENCE_SECONDS = 30.0
ONE = Statement(sa.select(sa.literal(1).label("one")))
INSERT = Statement(None, "INSERT INTO seen (note) VALUES (%(note)s) RETURNING note")


@pytest.fixture
def way(postgres_url: str) -> Iterator[TcpProxy]:
    """The way to the test's own database."""
    with TcpProxy(postgres_url) as proxy:
        yield proxy


@pytest.fixture
def database(way: TcpProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database behind that way, with a table to write into."""
    monkeypatch.setattr(PatientConnection, "patience_seconds", SHORT_SECONDS)
    monkeypatch.setitem(WAITS, "connect", CONNECT_SECONDS)
    made = Database(way.url)
    with made.transaction() as session:
        session.execute(sa.text("CREATE TABLE seen (note text)"))
    yield made
    made.close()


@pytest.fixture
def beside(postgres_url: str) -> Iterator[Database]:
    """The same database on the direct way, to look what was done."""
    made = Database(postgres_url)
    yield made
    made.close()


def _answers(database: Database) -> bool:
    try:
        with database.read() as session:
            return bool(session.scalar(sa.text("SELECT 1")) == 1)
    except StoreUnavailable:
        return False


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def _seen(database: Database, note: str) -> int:
    with database.read() as session:
        return int(session.scalar(sa.text("SELECT count(*) FROM seen WHERE note = :note"), {"note": note}) or 0)


@pytest.mark.parametrize("heals", ["speaks", "forgets"])
def test_every_way_to_it_gives_up_and_comes_back(database: Database, way: TcpProxy, heals: str) -> None:
    """Transactions, single statements and the check end as unavailable; afterwards all work, without a restart.

    Whether the old connections live again, or are dead for good behind a firewall that forgot them.
    """
    statements = Statements(database=database)
    assert _answers(database) and statements.read(ONE, {})[0].one == 1
    way.be_silent()
    for use in (lambda: statements.read(ONE, {}), lambda: _transact(database), database.ping):
        with pytest.raises(StoreUnavailable, match=r"[Ss]ilent"):
            use()
    way.speak() if heals == "speaks" else way.forget()
    _until(lambda: _answers(database))
    database.ping()
    assert statements.read(ONE, {})[0].one == 1
    statements.close()


def _transact(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.text("SELECT 1"))


def test_only_the_first_waits(database: Database, way: TcpProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once one waited in vain, nobody else does: a patience of a minute would show."""
    assert _answers(database)
    way.be_silent()
    assert not _answers(database)
    monkeypatch.setattr(PatientConnection, "patience_seconds", 60.0)
    statements = Statements(database=database)
    began = time.monotonic()
    for _ in range(20):
        assert not _answers(database)
        with pytest.raises(StoreUnavailable):
            statements.read(ONE, {})
        with pytest.raises(StoreUnavailable):
            database.ping()
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_a_connection_that_is_not_made_is_given_up(database: Database, way: TcpProxy) -> None:
    """With no connection kept, connecting itself meets the silence."""
    way.be_silent()
    database.engine.dispose()
    assert not _answers(database)
    way.speak()
    _until(lambda: _answers(database))


def test_a_statement_whose_answer_is_lost_is_not_repeated(database: Database, way: TcpProxy, beside: Database) -> None:
    """Carried out once: refused as unavailable, and a look shows what became of it (architecture, decision 5)."""
    statements = Statements(database=database)
    for _ in range(3):  # the first times the server is also asked to prepare it
        statements.write(INSERT, {"note": "before"})
    way.be_silent(answers_only=True)
    with pytest.raises(StoreUnavailable):
        statements.write(INSERT, {"note": "lost"})
    _until(lambda: _seen(beside, "lost") == 1)
    way.speak()
    _until(lambda: _answers(database))
    statements.write(INSERT, {"note": "after"})
    assert [_seen(beside, note) for note in ("before", "lost", "after")] == [3, 1, 1]
    statements.close()


def test_a_commit_whose_answer_is_lost_is_not_repeated(database: Database, way: TcpProxy, beside: Database) -> None:
    """The transaction is unavailable to its caller, and done once."""
    with pytest.raises(StoreUnavailable), database.transaction() as session:
        session.execute(sa.text("INSERT INTO seen VALUES ('lost')"))
        way.be_silent(answers_only=True)
    _until(lambda: _seen(beside, "lost") == 1)
    way.speak()
    _until(lambda: _answers(database))
    assert _seen(beside, "lost") == 1


def test_what_takes_its_time_is_not_cut_off(database: Database) -> None:
    """A transaction that lifted the limits outlasts them; the next one on the same connection does not."""
    slow = sa.text(f"SELECT 1 FROM pg_sleep({SHORT_SECONDS * 3})")
    with database.transaction() as session:
        take_time(session)
        assert session.scalar(slow) == 1
    with pytest.raises(StoreUnavailable), database.transaction() as session:
        session.execute(slow)


def test_a_slow_statement_is_no_silence_for_long(database: Database) -> None:
    """A server that is merely slow in one place answers the listener, and everybody is served again."""
    with pytest.raises(StoreUnavailable), database.transaction() as session:
        session.execute(sa.text("SELECT pg_sleep(2)"))
    _until(lambda: _answers(database))


def test_connections_forgotten_on_the_way_cost_one_call(database: Database, way: TcpProxy) -> None:
    """Once a call found that out, no other connection of before is used: neither a thread's own nor the pool's."""
    here, elsewhere = Statements(database=database), Statements(database=database)
    for statements in (here, elsewhere):
        assert statements.read(ONE, {})[0].one == 1
    assert _answers(database)
    way.forget()
    with pytest.raises(StoreUnavailable, match="Silent"):
        here.read(ONE, {})
    _until(lambda: not _is_silent(database))
    assert elsewhere.read(ONE, {})[0].one == 1 and _answers(database)
    here.close()
    elsewhere.close()


def _is_silent(database: Database) -> bool:
    try:
        database.ping()
    except StoreUnavailable:
        return True
    return False


def test_threads_that_wait_are_all_let_go(database: Database, way: TcpProxy) -> None:
    """However many threads the silence catches, each ends."""
    statements = Statements(database=database)
    caught: list[str] = []
    ready, go_on = threading.Barrier(5), threading.Barrier(5)

    def ask() -> None:
        statements.read(ONE, {})
        ready.wait(PATIENCE_SECONDS)
        go_on.wait(PATIENCE_SECONDS)
        try:
            statements.read(ONE, {})
        except StoreUnavailable as error:
            caught.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    ready.wait(PATIENCE_SECONDS)
    way.be_silent()
    go_on.wait(PATIENCE_SECONDS)
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(caught) == 4
    way.speak()
    statements.close()
