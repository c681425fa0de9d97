"""The traces of identity data that was given away: complete, named, and never in the way of an answer."""

from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit import releases
from idp.audit.canonical import ROW
from idp.audit.events import Event
from idp.audit.releases import ReleaseTraces
from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.support.sent import counted_statements


def rows_of(house: House) -> list[tuple[Any, ...]]:
    with house.ground.database.read() as session:
        found = session.execute(
            sa.select(ROW.c.person_id, ROW.c.client_id, ROW.c.reason, ROW.c.count, ROW.c.details)
            .where(ROW.c.event == Event.IDENTITY_RELEASED)
            .order_by(ROW.c.at, ROW.c.person_id)
        ).all()
    return [(row.person_id, row.client_id, row.reason, row.count, row.details["claims"]) for row in found]


def note(traces: ReleaseTraces, person_id: str, *claims: str, client_id: str = "portal") -> None:
    traces.note("userinfo", person_id=person_id, client_id=client_id, claims=claims)


def test_one_row_for_each_person_client_and_minute(house: House, clock: FrozenClock) -> None:
    """Everybody whose data was given is named, with every claim; unlike other reads, of which the first is."""
    traces = house.ground.releases
    note(traces, "ann", "real_name")
    note(traces, "ann", "id_number")
    note(traces, "ann", "real_name", client_id="other")
    note(traces, "bob", "real_name")
    clock.advance(seconds=60)
    note(traces, "ann", "gender")
    traces.flush()
    assert sorted(rows_of(house), key=str) == sorted(
        [
            ("ann", "portal", "userinfo", 2, ["id_number", "real_name"]),
            ("ann", "other", "userinfo", 1, ["real_name"]),
            ("bob", "portal", "userinfo", 1, ["real_name"]),
            ("ann", "portal", "userinfo", 1, ["gender"]),
        ],
        key=str,
    )
    traces.flush()
    assert len(rows_of(house)) == 4


def test_an_answer_waits_for_no_statement(house: House) -> None:
    """What is noted is written later."""
    with counted_statements(house) as statements:
        note(house.ground.releases, "ann", "real_name")
    assert statements == []


def test_what_could_not_be_written_is_kept(house: House, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away loses no trace: the next flush writes it, with what came meanwhile."""
    traces = ReleaseTraces(database=house.ground.database, clock=clock)
    note(traces, "ann", "real_name")
    with monkeypatch.context() as away:
        away.setattr(releases, "record", lambda *_args, **_kwargs: 1 / 0)
        traces.flush()
    assert rows_of(house) == []
    note(traces, "ann", "gender")
    traces.flush()
    assert rows_of(house) == [("ann", "portal", "userinfo", 2, ["gender", "real_name"])]


def test_the_memory_is_bounded(house: House, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who fills it writes it; where even that fails for long, it stops growing."""
    monkeypatch.setattr(releases, "_MOST_KEYS", 3)
    traces = ReleaseTraces(database=house.ground.database, clock=clock)
    for place in range(3):
        note(traces, f"person-{place}", "real_name")
    assert len(rows_of(house)) == 3
    monkeypatch.setattr(releases, "record", lambda *_args, **_kwargs: 1 / 0)
    for place in range(20):
        note(traces, f"other-{place}", "real_name")
    assert len(traces._sums) <= 6
