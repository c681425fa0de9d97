"""The population register of made-up people, and the entries that seed files bring; never in production."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from idp.audit.events import Event
from idp.audit.log import record
from idp.cli.made_up import mobile_at, name_at, number_at
from idp.core.clock import civil_date
from idp.core.errors import ConfigError
from idp.house.build import House
from idp.storage.engine import take_time
from realname.providers.register.entries import Change
from realname.providers.register.entry import Entry
from realname.providers.register.reading import BadRow, Column, read_entry

#: The last of them was born before 1879, and nobody of that age was alive when numbers of 18 characters came in.
MOST_ENTRIES = 10_000_000

_BATCH = 5_000
_HOUSEHOLD_SIZE = 3


def fill_register(house: House, count: int, *, report: Callable[[int], None]) -> int:
    """See that the first `count` made-up people are in the register, and return how many were added.

    Every batch is a transaction, so a run that is broken off goes on where it was. Raises ConfigError.
    """
    _refuse_where_people_are_real(house, "made-up")
    database, clock, entries = house.ground.database, house.ground.clock, house.register.entries
    today = civil_date(clock.now())
    added = 0
    for start in range(0, count, _BATCH):
        batch = [_entry(place, today) for place in range(start, min(start + _BATCH, count))]
        with database.transaction() as session:
            take_time(session)
            changes = [put.change for put in entries.put(session, batch)]
            new = changes.count(Change.ADDED)
            if new and not added:
                # With the first ones, so that a run that is killed is on record.
                details = {"source": "made_up", "count": count}
                record(session, Event.REGISTER_FILLED, at=clock.now(), details=details)
        added += new
        report(start + len(batch))
    with database.transaction() as session:
        take_time(session)
        entries.analyse(session)
    return added


def seed_register(house: House, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """See that the register says what the rows of a seed file say, and return what was done; raises ConfigError."""
    if not rows:
        return []
    _refuse_where_people_are_real(house, "register")
    clock = house.ground.clock
    today = civil_date(clock.now())
    batch = []
    for place, row in enumerate(rows, start=1):
        if unknown := sorted(row.keys() - set(Column)):
            raise ConfigError(f"register: no such member: {unknown[0]}.")
        cells = {Column.NUMBER: "", Column.NAME: "", **{name: _cell(value) for name, value in row.items()}}
        entry = read_entry(cells, today=today)
        if isinstance(entry, BadRow):
            raise ConfigError(f"register: entry {place}: {entry.column} is not valid ({entry.problem}).")
        batch.append(entry)
    with house.ground.database.transaction() as session:
        changes = [put.change for put in house.register.entries.put(session, batch)]
        done = len(changes) - changes.count(Change.UNCHANGED)
        if Change.REPEATED in changes:
            raise ConfigError(f"register: entry {changes.index(Change.REPEATED) + 1} has the number of an earlier one.")
        if done:
            details = {"source": "seed", "count": done}
            record(session, Event.REGISTER_FILLED, at=clock.now(), details=details)
    return [f"{done} register entries written"] if done else []


def _cell(value: Any) -> str:
    """Return a member of a seed file as a cell of a register's file."""
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


def _entry(place: int, today: date) -> Entry:
    number = number_at(place, today=today)
    return Entry(
        number=number,
        name=name_at(place),
        birth_date=number.birth_date,
        sex=number.sex,
        household=f"made-up-{place // _HOUSEHOLD_SIZE}",
        mobiles=(mobile_at(place),),
    )


def _refuse_where_people_are_real(house: House, what: str) -> None:
    if not house.settings.demo_people:
        raise ConfigError(f"{what}: demo_people is false here. Use idp register import, or another profile.")
