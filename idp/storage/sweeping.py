"""Deleting what is over, a page of a table at a time, without an index for it and without waiting for anybody.

A table is walked by its key from where the last run ended: each page is one short transaction, and rows that
somebody holds are passed over until the next walk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from idp.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows one run deleted, and whether it came to the end of the table."""

    deleted: int
    reached_end: bool


class Sweep:
    """One table's walk; `over` says in SQL which rows may go at an instant.

    `order` are the columns to walk by, an index's first ones; the last of them names one row. Rows that
    refer to a deleted one by a column of `dependents` go before it.
    """

    def __init__(
        self,
        *,
        database: Database,
        order: Sequence[Any],
        over: Callable[[datetime], sa.ColumnElement[bool]],
        dependents: Sequence[Any] = (),
        page_rows: int = 500,
        pages: int = 20,
    ) -> None:
        self._database = database
        self._table: sa.Table = order[-1].class_.__table__
        self._order = [self._table.c[column.key] for column in order]
        self._over = over
        self._dependents = [column.class_.__table__.c[column.key] for column in dependents]
        self._page_rows = page_rows
        self._pages = pages
        self._after: tuple[Any, ...] | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self._table.name)

    def run(self, *, at: datetime) -> Swept:
        """Go on through the table by as many pages as one run may; at its end the next run begins anew."""
        deleted = 0
        for _ in range(self._pages):
            last, found = self._look(at)
            if found:
                deleted += self._delete(found, at)
            self._after = last
            if last is None:
                return Swept(deleted, reached_end=True)
        return Swept(deleted, reached_end=False)

    def _look(self, at: datetime) -> tuple[tuple[Any, ...] | None, Sequence[Any]]:
        """Return where the next page ends, None for the last one, and which of its rows are over; reads only."""
        after = sa.true() if self._after is None else self._compared(self._after, is_after=True)
        with self._database.read() as session:
            end = session.execute(
                sa.select(*self._order).where(after).order_by(*self._order).offset(self._page_rows - 1).limit(1)
            ).one_or_none()
            last = None if end is None else tuple(end)
            until = sa.true() if last is None else self._compared(last, is_after=False)
            found = session.scalars(sa.select(self._order[-1]).where(after, until, self._over(at))).all()
        return last, found

    def _delete(self, found: Sequence[Any], at: datetime) -> int:
        row = self._order[-1]
        with self._database.transaction() as session:
            # Looked at once more, now held: what was used in between stays.
            held = session.scalars(
                sa.select(row).where(row.in_(found), self._over(at)).with_for_update(skip_locked=True, of=self._table)
            ).all()
            for column in self._dependents:
                session.execute(sa.delete(column.table).where(column.in_(held)))
            return len(session.execute(sa.delete(self._table).where(row.in_(held)).returning(row)).all())

    def _compared(self, place: tuple[Any, ...], *, is_after: bool) -> sa.ColumnElement[bool]:
        columns: Any = sa.tuple_(*self._order)
        values = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(place, self._order, strict=True)))
        compared: sa.ColumnElement[bool] = columns > values if is_after else columns <= values
        return compared
