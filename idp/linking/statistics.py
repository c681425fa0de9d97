"""Counting what there is of each system, once in a while, so that no page counts hundreds of millions of rows.

A count reads whole tables, so the worker makes it, in a thread of its own; pages and reports read what it left.
One row a day and system is kept for ever: it holds numbers only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock, civil_date
from idp.linking.link_models import Link, MergeCase
from idp.linking.models import AccountSituation, ImportBatch, LegacyAccount, LegacySystem
from idp.linking.report_models import LegacyStatistics
from idp.linking.vocabulary import CaseState, LinkState
from idp.storage.engine import Database, take_time
from idp.storage.upsert import insert_into

#: How old a count may grow while nothing was imported.
_MOST_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SystemNumbers:
    """The numbers of one system on one day."""

    system_number: int
    day: date
    counted_at: datetime
    accounts: int
    with_password: int
    migrated: int
    situations: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    @property
    def open_cases(self) -> int:
        """Cases that wait for somebody."""
        return sum(self.cases.values())

    @property
    def wrong_share(self) -> float | None:
        """Which part of the links that were answered were wrong: "not mine", or taken back. None without answers."""
        wrong = self.links.get(LinkState.REJECTED, 0) + self.links.get(LinkState.UNDONE, 0)
        right = sum(self.links.get(state, 0) for state in (LinkState.ACTIVE, LinkState.SUSPENDED, LinkState.REVOKED))
        return wrong / (wrong + right) if wrong + right else None


class Statistics:
    """Counts when it is time to."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def is_due(self) -> bool:
        """Tell whether the latest count is too old, or a batch came to its end since."""
        now = self._clock.now()
        with self._database.read() as session:
            counted_at = session.scalar(sa.select(sa.func.max(LegacyStatistics.counted_at)))
            changed_at = session.scalar(
                sa.select(sa.func.max(sa.func.coalesce(ImportBatch.finished_at, LegacySystem.created_at))).select_from(
                    sa.outerjoin(LegacySystem, ImportBatch, ImportBatch.system_number == LegacySystem.number)
                )
            )
        if changed_at is None:  # no system at all
            return False
        return counted_at is None or changed_at >= counted_at or now - counted_at >= _MOST_AGE

    def count(self) -> int:
        """Count every system anew into today's rows, and return how many systems there are."""
        now = self._clock.now()
        with self._database.transaction() as session:
            take_time(session)
            numbers = tuple(session.scalars(sa.select(LegacySystem.number)))
            found = _Counts(session)
            for number in numbers:
                values = {"counted_at": now, **found.of(number)}
                keys = {"system_number": number, "day": civil_date(now)}
                statement = insert_into(session, LegacyStatistics).values(**keys, **values)
                session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))
        return len(numbers)


class _Counts:
    """Each table counted once, for all systems together."""

    def __init__(self, session: Session) -> None:
        present = LegacyAccount.valid_to.is_(None)
        self._accounts = {
            row.system_number: row
            for row in session.execute(
                sa.select(
                    LegacyAccount.system_number,
                    sa.func.count().label("accounts"),
                    sa.func.count(LegacyAccount.credential).label("with_password"),
                    sa.func.count(LegacyAccount.migrated_at).label("migrated"),
                )
                .where(present)
                .group_by(LegacyAccount.system_number)
            )
        }
        self._situations = _grouped(session, AccountSituation.system_number, AccountSituation.situation)
        self._links = _grouped(session, Link.system_number, Link.state)
        self._cases = _grouped(
            session, MergeCase.system_number, MergeCase.kind, MergeCase.state != CaseState.CLOSED.value
        )

    def of(self, number: int) -> dict[str, Any]:
        """Return the columns of one system."""
        row = self._accounts.get(number)
        return {
            "accounts": row.accounts if row else 0,
            "with_password": row.with_password if row else 0,
            "migrated": row.migrated if row else 0,
            "situations": self._situations.get(number, {}),
            "links": self._links.get(number, {}),
            "cases": self._cases.get(number, {}),
        }


def _grouped(
    session: Session, system: Any, word: Any, *conditions: sa.ColumnElement[bool]
) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    statement = sa.select(system, word, sa.func.count()).where(*conditions).group_by(system, word)
    for number, name, count in session.execute(statement):
        found.setdefault(number, {})[name] = count
    return found


def latest(session: Session, system_numbers: Iterable[int]) -> dict[int, SystemNumbers]:
    """Return the latest numbers of each of these systems that was counted at all."""
    newest = (
        sa.select(LegacyStatistics.system_number, sa.func.max(LegacyStatistics.day).label("day"))
        .where(LegacyStatistics.system_number.in_(list(system_numbers)))
        .group_by(LegacyStatistics.system_number)
        .subquery()
    )
    rows = session.scalars(
        sa.select(LegacyStatistics).join(
            newest,
            sa.and_(LegacyStatistics.system_number == newest.c.system_number, LegacyStatistics.day == newest.c.day),
        )
    )
    return {row.system_number: _numbers(row) for row in rows}


def history(session: Session, system_number: int, *, since: date) -> tuple[SystemNumbers, ...]:
    """Return the numbers of a system day by day, the oldest first."""
    rows = session.scalars(
        sa.select(LegacyStatistics)
        .where(LegacyStatistics.system_number == system_number, LegacyStatistics.day >= since)
        .order_by(LegacyStatistics.day)
    )
    return tuple(_numbers(row) for row in rows)


def _numbers(row: LegacyStatistics) -> SystemNumbers:
    return SystemNumbers(
        system_number=row.system_number,
        day=row.day,
        counted_at=row.counted_at,
        accounts=row.accounts,
        with_password=row.with_password,
        migrated=row.migrated,
        situations=dict(row.situations),
        links=dict(row.links),
        cases=dict(row.cases),
    )
