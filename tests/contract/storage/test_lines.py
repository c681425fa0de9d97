"""The lines to PostgreSQL and Redis: what comes back, what a break leaves, and that nobody waits for ever."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
import redis
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from idp.core.clock import Clock
from idp.core.errors import StoreUnavailable
from idp.storage.engine import Database
from idp.storage.line import Line
from idp.storage.patience import DatabaseSilent, PatientConnection
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.redis_line import RedisLine
from idp.storage.statements import Statement, Statements
from tests.support.provider_process import wait_until
from tests.support.redis_fixtures import RedisSpace

_ANSWER = Statement(sa.select(sa.literal_column("41") + sa.bindparam("more", type_=sa.Integer())))
_SLEEP = Statement(None, "SELECT 1 AS one FROM pg_sleep(%(seconds)s::float)")
_BROKEN = Statement(None, "SELECT 1 / %(by)s::int AS result")
_PID = Statement(None, "SELECT pg_backend_pid() AS pid")


def _conninfo(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def statements(database: Database) -> Iterator[Statements]:
    opened = Statements(database=database)
    yield opened
    opened.close()


@pytest.fixture
def line(postgres_url: str) -> Iterator[Line]:
    opened = Line(PatientConnection.connect(_conninfo(postgres_url)))
    yield opened
    opened.close()


@pytest.fixture
def redis_line(redis_space: RedisSpace) -> Iterator[RedisLine]:
    client = redis.Redis.from_url(redis_space.url, socket_timeout=0.3)
    opened = RedisLine(client.connection_pool.make_connection())
    yield opened
    opened.close()
    client.close()


def test_values_go_and_come_in_their_types(line: Line) -> None:
    """Every type that the hot statements use comes back as it was given, also nothing at all."""
    at = datetime(2026, 2, 28, 20, 30, 5, 123456, tzinfo=UTC)
    values = [date(2026, 2, 28), at, True, None, "六角", b"\x00\xff", 7, Jsonb({"a": [1, "b"]})]
    kinds = ("date", "timestamptz", "bool", "text", "text", "bytea", "int", "jsonb")
    sql = "SELECT " + ", ".join(f"${place}::{kind} AS v{place}" for place, kind in enumerate(kinds, start=1))
    for _ in range(2):  # prepared by the first, run by name by the second
        (row,) = line.run(sql.encode(), values)
        assert list(row) == [*values[:-1], {"a": [1, "b"]}]
        assert row.v5 == "六角"


def test_several_rows_and_none(line: Line) -> None:
    """All rows come, in order, and none where there is none."""
    sql = b"SELECT n FROM generate_series(1, $1::int) AS n"
    assert [row.n for row in line.run(sql, [3])] == [1, 2, 3]
    assert line.run(sql, [0]) == []


def test_a_refused_statement_leaves_the_line_usable(line: Line) -> None:
    """A statement that fails raises its own class, and the next one gets its own answer."""
    with pytest.raises(psycopg.errors.DivisionByZero):
        line.run(b"SELECT 1 / $1::int", [0])
    assert line.run(b"SELECT $1::int AS n", [5])[0].n == 5


def test_a_silent_server_is_not_waited_for(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers in time is taken; beyond it the wait ends with an error of its own."""
    monkeypatch.setattr(PatientConnection, "patience_seconds", 0.3)
    assert line.run(b"SELECT 1 AS one FROM pg_sleep($1::float)", [0.01])[0].one == 1
    with pytest.raises(DatabaseSilent):
        line.run(b"SELECT 1 AS one FROM pg_sleep($1::float)", [2])


def test_silence_is_unavailable_and_the_next_request_gets_its_own_answer(
    statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late answer is never read as that of the next statement: the line is given up."""
    assert statements.read(_ANSWER, {"more": 1})[0][0] == 42
    monkeypatch.setattr(PatientConnection, "patience_seconds", 0.3)
    with pytest.raises(StoreUnavailable):
        statements.read(_SLEEP, {"seconds": 2})
    assert _read_when_it_answers(statements) == 43


def _read_when_it_answers(statements: Statements) -> int:
    """Read 42 + 1; nobody is let through until the server was heard again."""
    found: list[int] = []

    def try_to() -> bool:
        try:
            found.append(statements.read(_ANSWER, {"more": 2})[0][0])
        except StoreUnavailable:
            return False
        return True

    wait_until(try_to)
    return found[0]


def test_a_read_survives_a_lost_connection_and_a_write_is_not_repeated(
    statements: Statements, postgres_url: str
) -> None:
    """After a restart of the database a read finds its way; a write says that nobody knows what became of it."""
    for is_read in (True, False):
        pid = statements.read(_PID, {})[0].pid
        with psycopg.connect(_conninfo(postgres_url), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        if is_read:
            assert statements.read(_ANSWER, {"more": 1})[0][0] == 42
        else:
            with pytest.raises(StoreUnavailable):
                statements.write(_PID, {})
    assert statements.write(_PID, {})[0].pid != pid


def test_a_restart_costs_reads_nothing_however_many_lines_were_open(statements: Statements, postgres_url: str) -> None:
    """Three requests at once left three lines, and none of the broken ones is met by the next read."""
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: statements.read(_SLEEP, {"seconds": 0.3}), range(3)))
    with psycopg.connect(_conninfo(postgres_url), autocommit=True) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(%'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert len(ended) == 3
    assert statements.read(_ANSWER, {"more": 1})[0][0] == 42


def _in_the_pool(database: Database) -> int:
    """Leave a connection in the pool and return its process."""
    with database.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT pg_backend_pid()")) or 0


def _end(postgres_url: str, *pids: int) -> None:
    with psycopg.connect(_conninfo(postgres_url), autocommit=True) as other:
        for pid in pids:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_read_meets_neither_a_dead_line_nor_a_dead_pooled_connection(
    database: Database, statements: Statements, postgres_url: str
) -> None:
    """Both died in one restart; the one try more that a read has is not spent on the second."""
    line = statements.read(_PID, {})[0].pid
    _end(postgres_url, line, _in_the_pool(database))
    assert statements.read(_ANSWER, {"more": 1})[0][0] == 42


def test_a_write_opens_its_line_past_a_dead_pooled_connection(
    database: Database, statements: Statements, postgres_url: str
) -> None:
    """Nothing was sent on it, so another one may be taken."""
    _end(postgres_url, _in_the_pool(database))
    assert statements.write(_PID, {})[0].pid


def test_threads_that_come_and_go_share_lines(statements: Statements) -> None:
    """A server ends its idle threads and starts others: the connections do not grow with them."""
    pids = {_in_a_thread(lambda: statements.read(_PID, {})[0].pid) for _ in range(5)}
    assert len(pids) == 1


def test_requests_at_the_same_time_never_share_a_line(statements: Statements) -> None:
    """Two that overlap have a connection each, and each its own answer."""
    together = threading.Barrier(2)
    slow_pid = Statement(None, "SELECT pg_backend_pid() AS pid FROM pg_sleep(%(seconds)s::float)")

    def ask(_: int) -> int:
        together.wait()
        found: int = statements.read(slow_pid, {"seconds": 0.3})[0].pid
        return found

    with ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(ask, range(2)))) == 2


@pytest.mark.parametrize("constant", ["plain", "it's", "50 %", "back\\slash", "%(more)s", "", "六"])
def test_constants_of_a_statement_come_back_as_they_are(statements: Statements, constant: str) -> None:
    """Written into it where that is safe, sent along where not: no constant is ever SQL."""
    chosen = Statement(sa.select(sa.literal(constant).label("told"), sa.bindparam("more", type_=sa.Integer())))
    assert statements.read(chosen, {"more": 1})[0].told == constant


def test_a_fault_of_ours_is_not_called_unavailable(statements: Statements) -> None:
    """Division by zero is no outage: it must be seen as what it is."""
    with pytest.raises(psycopg.errors.DivisionByZero):
        statements.write(_BROKEN, {"by": 0})
    assert statements.write(_BROKEN, {"by": 1})[0].result == 1


def test_threads_that_come_and_go_share_lines_to_redis(redis_space: RedisSpace) -> None:
    """Beside the client's own connections there is one line, whichever thread asks."""
    backend = RedisBackend(redis_space.url, clock=Clock(), prefix=redis_space.prefix)
    with redis.Redis.from_url(redis_space.url) as other:
        _in_a_thread(lambda: backend.get("k"))
        before = {each["id"] for each in other.client_list()}
        for _ in range(5):
            assert _in_a_thread(lambda: backend.get("k")) is None
        own = [each for each in other.client_list() if each["id"] not in before and each["cmd"] == "get"]
    backend.close()
    assert own == []


def _in_a_thread(call: Callable[[], Any]) -> Any:
    """Return what `call` gives in a thread that ends afterwards."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def test_redis_answers_in_bytes(redis_line: RedisLine, redis_space: RedisSpace) -> None:
    """What was set comes back, nothing is None, and a refusal raises and leaves the line usable."""
    key = redis_space.prefix + "k"
    assert redis_line.command("GET", key) is None
    assert redis_line.command("SET", key, b"\x00\xff", "EX", 60) == b"OK"
    with pytest.raises(redis.ResponseError):
        redis_line.command("INCR", key)
    assert redis_line.command("GETDEL", key) == b"\x00\xff"


def test_a_line_that_redis_closed_is_opened_anew(redis_line: RedisLine, redis_space: RedisSpace) -> None:
    """A restart between two commands costs nobody an error."""
    own = redis_line.command("CLIENT", "ID")
    with redis.Redis.from_url(redis_space.url) as other:
        other.client_kill_filter(_id=own)
    key = redis_space.prefix + "k"
    assert redis_line.command("SET", key, "v", "EX", 60) == b"OK"
    assert redis_line.command("CLIENT", "ID") != own


def test_a_late_answer_of_redis_is_never_the_next_commands(redis_line: RedisLine, redis_space: RedisSpace) -> None:
    """Who gave up waiting reads nothing more from that connection."""
    key = redis_space.prefix + "k"
    redis_line.command("SET", key, "right", "EX", 60)
    with pytest.raises((redis.RedisError, OSError)):
        redis_line.command("BLPOP", redis_space.prefix + "nothing", 1)
    assert redis_line.command("GET", key) == b"right"
