"""What the erasure of a person takes of one table; each room lists its own tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class ErasedRows:
    """The rows of a table that `whose` finds for a person: deleted, or where columns are named, emptied of those.

    An emptied column keeps the value given here, because others of the row must stay and it may not be null.
    """

    table: sa.Table
    whose: Callable[[str], sa.ColumnElement[bool]]
    emptied: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """The columns whose content is gone afterwards; all of them where the row is."""
        return frozenset(self.emptied or self.table.c.keys())

    def erase(self, session: Session, person_id: str) -> int:
        """Erase in the caller's transaction and return how many rows it touched; repeated, it finds none."""
        if not self.emptied:
            return self._count(session, sa.delete(self.table).where(self.whose(person_id)))
        full = sa.or_(*(self.table.c[name].is_distinct_from(value) for name, value in self.emptied.items()))
        return self._count(session, sa.update(self.table).where(self.whose(person_id), full).values(self.emptied))

    def _count(self, session: Session, statement: sa.Delete | sa.Update) -> int:
        key = next(iter(self.table.primary_key.columns))
        return len(session.execute(statement.returning(key)).all())


def table_of(model: Any) -> sa.Table:
    """Return the table of a model."""
    table: sa.Table = model.__table__
    return table
