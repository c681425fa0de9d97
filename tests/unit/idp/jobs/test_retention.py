"""How long rows are kept, held to docs/data-map.yaml: until their time, and then no longer; live ones always."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from idp.house.build import House
from idp.house.upkeep import build_upkeep
from idp.persons.tries import MAX_CONSECUTIVE
from idp.sessions.models import SessionClient, SsoSession
from idp.sessions.upkeep import sweep_sessions
from idp.storage.base import Base
from idp.storage.sweeping import Sweep
from idp.tokens.models import TokenGrant
from tests.support.ending_rows import DAY, KINDS, NAMES, Kind, World
from tests.support.frozen_clock import START, FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import make_client

_MAP: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[4] / "docs" / "data-map.yaml").read_text("utf-8")
)
YEARS = 5 * 365 * DAY


@pytest.fixture
def put(house: House, register_person: Callable[..., TestPerson]) -> Callable[[Kind, datetime], str]:
    person, party = register_person(), make_client(house)

    def add(kind: Kind, end: datetime) -> str:
        with house.ground.database.transaction() as session:
            return kind.put(World(session, person.id, party.client_id), end)

    return add


def is_there(house: House, table: str, name: str) -> bool:
    column = Base.metadata.tables[table].c[NAMES.get(table, "id")]
    with house.ground.database.read() as session:
        return session.scalar(sa.select(column).where(column == name)) is not None


def upkeep_at(house: House, clock: FrozenClock, at: datetime) -> None:
    """Let a worker that is started at that instant do its tasks once."""
    clock.instant = at
    build_upkeep(house).run_due()


def test_every_table_that_ends_is_known_here() -> None:
    """A new table whose rows end fails here until its rows are put in below, and there until upkeep deletes them."""
    ending = {table for table, said in _MAP["tables"].items() if said["retention"] in ("expiry", "ended")}
    assert set(KINDS) == ending


@pytest.mark.parametrize("table", KINDS)
def test_rows_are_kept_until_their_time_and_then_gone(
    house: House, clock: FrozenClock, put: Callable[[Kind, datetime], str], table: str
) -> None:
    """By the worker's upkeep alone, with the clock moved; what has not ended by then is still there."""
    for kind in KINDS[table]:
        end = clock.now()
        name = put(kind, end)
        upkeep_at(house, clock, end + kind.kept)
        assert is_there(house, table, name), f"{kind.put.__name__} went too early"
        alive = put(kind, end + kind.gone)
        upkeep_at(house, clock, end + kind.gone)
        assert not is_there(house, table, name), f"{kind.put.__name__} is kept too long"
        assert is_there(house, table, alive) or kind.kept < timedelta(0)


def test_what_is_in_use_is_never_deleted(house: House, clock: FrozenClock, register_person: Any) -> None:
    """A person who comes back after years finds account, contacts and credentials, and a lock that was reached."""
    person = register_person()
    with house.ground.database.transaction() as session:
        lock = {"subject": "locked", "device": "*", "failures": MAX_CONSECUTIVE, "last_at": clock.now()}
        World(session, person.id, "").put("login_tries", **lock)
    upkeep_at(house, clock, START + YEARS)
    with house.ground.database.read() as session:
        profile = house.people.directory.profile(session, person.id)
        found = house.people.directory.find_by_mobile(session, person.mobile)
        assert (profile.mobile, found.person_id) == (person.mobile, person.id)
        assert profile.number_masked is not None
        assert session.scalar(sa.text("SELECT count(*) FROM credentials")) == 1
        assert session.scalar(sa.text("SELECT count(*) FROM login_tries")) == 1


def test_a_session_stays_while_its_tokens_do(
    house: House, clock: FrozenClock, put: Callable[[Kind, datetime], str]
) -> None:
    """The channel of a session bounds the level of tokens that outlive it, so they go together."""
    session_id = put(KINDS["sessions"][0], START)
    with house.ground.database.transaction() as session:
        grant = {"issue_day": START.date(), "code_hash": "x", "family_id": "x", "session_id": session_id}
        session.execute(sa.insert(TokenGrant).values(**grant, offline=True, created_at=START, expires_at=START + YEARS))
    upkeep_at(house, clock, START + 400 * DAY)
    assert is_there(house, "sessions", session_id)
    with house.ground.database.transaction() as session:
        session.execute(sa.update(TokenGrant).values(revoked_at=START))
    upkeep_at(house, clock, START + 400 * DAY)
    assert not is_there(house, "sessions", session_id)


def test_a_walk_goes_on_where_it_stopped(
    house: House, clock: FrozenClock, put: Callable[[Kind, datetime], str]
) -> None:
    """A long table is done in several runs, each of a few short transactions, and each row is met."""
    for number in range(25):
        put(KINDS["session_clients"][0], START if number % 5 else START + YEARS)
    sweep = sweep_sessions(house.ground.database, keep=DAY)
    sweep._page_rows, sweep._pages = 4, 2
    at, runs = START + 3 * DAY, []
    while not runs or not runs[-1].reached_end:
        runs.append(sweep.run(at=at))
    assert [run.reached_end for run in runs] == [False, False, False, True]
    assert sum(run.deleted for run in runs) == 20
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SsoSession)) == 5
        assert session.scalar(sa.select(sa.func.count()).select_from(SessionClient)) == 5
    assert sweep.run(at=at).deleted == 0


def test_rows_that_somebody_holds_are_passed_over(
    house: House, clock: FrozenClock, put: Callable[[Kind, datetime], str]
) -> None:
    """PostgreSQL: a row that another transaction holds is left for the next walk, and nobody waits."""
    database = house.ground.database
    if database.is_sqlite:
        return  # one writer
    held, free = (put(KINDS["sessions"][0], START) for _ in range(2))
    sweep: Sweep = sweep_sessions(database, keep=DAY)
    with database.transaction() as session:
        session.execute(sa.select(SsoSession.id).where(SsoSession.id == held).with_for_update())
        assert sweep.run(at=START + 3 * DAY).deleted == 1
    assert is_there(house, "sessions", held) and not is_there(house, "sessions", free)
    assert sweep.run(at=START + 3 * DAY).deleted == 1


def test_more_work_is_done_soon(house: House, clock: FrozenClock, put: Callable[[Kind, datetime], str]) -> None:
    """Where one run leaves something, the task comes again after the next deliveries, not after hours."""
    with house.ground.database.transaction() as session:
        rows = [{"jti": f"jti-{number}", "revoked_at": START, "expires_at": START} for number in range(1_500)]
        session.execute(sa.insert(Base.metadata.tables["revoked_tokens"]), rows)
    clock.instant = START + DAY
    upkeep = build_upkeep(house)
    upkeep.run_due()
    clock.advance(seconds=1)
    assert "expired tokens" in upkeep.run_due()
    clock.advance(seconds=1)
    assert upkeep.run_due() == ()
    with house.ground.database.read() as session:
        assert session.scalar(sa.text("SELECT count(*) FROM revoked_tokens")) == 0
