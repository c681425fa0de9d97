"""Counting of refusals: few rows, whatever comes; both databases."""

from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.canonical import ROW
from idp.audit.counting import Counting, fold_counts
from idp.audit.events import Event
from idp.audit.log import Origin
from idp.house.build import House
from idp.storage.engine import Database
from tests.support.frozen_clock import FrozenClock
from tests.support.relying_party import make_client

KIND = "token invalid_client"


def rows_of(house: House) -> list[tuple[str | None, str | None, int]]:
    with house.ground.database.read() as session:
        found = session.execute(
            sa.select(ROW.c.reason, ROW.c.client_id, ROW.c.count)
            .where(ROW.c.event == Event.REQUEST_REFUSED)
            .order_by(ROW.c.at, ROW.c.count)
        )
        return [tuple(row) for row in found]


def fold(house: House) -> int:
    with house.ground.database.transaction() as session:
        return fold_counts(session, at=house.ground.clock.now())


def test_the_first_is_told_and_the_rest_counted(house: House, clock: FrozenClock) -> None:
    """Within a minute one row tells the first in full, and one row later says how many more there were."""
    counting = house.ground.counting
    for _ in range(5):
        counting.note(Event.REQUEST_REFUSED, KIND, client_id="portal", origin=Origin("request-1", "portal"))
    assert rows_of(house) == [(KIND, "portal", 1)]
    counting.flush()
    clock.advance(seconds=60)
    assert fold(house) == 0  # other processes may still bring theirs
    clock.advance(seconds=120)
    assert fold(house) == 1
    assert rows_of(house) == [(KIND, "portal", 1), (KIND, "portal", 4)]
    assert fold(house) == 0


def test_several_processes_count_together(house: House, clock: FrozenClock) -> None:
    """Of all processes the first refusal of a minute is told once, and no refusal is counted twice or lost."""
    others = [Counting(database=house.ground.database, clock=clock) for _ in range(3)]
    for counting in (house.ground.counting, *others):
        for _ in range(4):
            counting.note(Event.REQUEST_REFUSED, KIND)
        counting.flush()
    clock.advance(minutes=3)
    fold(house)
    assert [count for _, _, count in rows_of(house)] == [1, 15]


def test_minutes_clients_and_kinds_are_apart(house: House, clock: FrozenClock) -> None:
    """Each pair of kind and client begins anew with each minute."""
    counting = house.ground.counting
    for client in ("one", "two"):
        counting.note(Event.REQUEST_REFUSED, KIND, client_id=client)
    clock.advance(seconds=60)
    counting.note(Event.REQUEST_REFUSED, KIND, client_id="one")
    clock.advance(minutes=3)
    assert fold(house) == 0  # each was told, so nothing is left to count
    assert sorted(str(client) for _, client, _ in rows_of(house)) == ["one", "one", "two"]


def test_a_flood_of_kinds_stays_small(house: House, clock: FrozenClock) -> None:
    """However many kinds and clients somebody makes up, a minute's rows are bounded."""
    counting = house.ground.counting
    for number in range(520):
        counting.note(Event.REQUEST_REFUSED, KIND, client_id=f"client-{number}")
    assert len(rows_of(house)) == 501


def test_a_lost_database_fails_no_answer(tmp_path: object, clock: FrozenClock) -> None:
    """Counting is best effort: without its table it only says so in the log."""
    with closing(Database(f"sqlite:///{tmp_path}/empty.db")) as empty:
        Counting(database=empty, clock=clock).note(Event.REQUEST_REFUSED, KIND)


@pytest.mark.parametrize("known", [True, False])
def test_the_token_endpoint_counts_what_it_refuses(house: House, app: Flask, known: bool) -> None:
    """A wrong secret is counted for the registered client; what an unknown caller sent is kept nowhere."""
    party = replace(make_client(house), client_secret="wrong")
    if not known:
        party = replace(party, client_id="11010519491231002X")
    http = app.test_client()
    for _ in range(3):
        assert party.token(http, grant_type="authorization_code", code="x").status_code == 401
    assert rows_of(house) == [(KIND, party.client_id if known else None, 1)]


def test_userinfo_counts_bad_tokens(house: House, app: Flask) -> None:
    """A token that nobody issued is counted as a refusal of userinfo."""
    app.test_client().get("/oauth/userinfo", headers={"Authorization": "Bearer nonsense"})
    assert rows_of(house) == [("userinfo invalid_token", None, 1)]
