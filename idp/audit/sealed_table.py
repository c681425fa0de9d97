"""A table whose rows are sealed: this log, and the journal of merging, by the same sealer and verifier."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from idp.audit.models import AuditEvent, AuditSeal


@dataclass(frozen=True, slots=True)
class SealedTable:
    """What sealing and verifying have to know of a table, which has `at`, `seal_position` and `seal_leaf`.

    `label` begins the bytes of each row, so that no row of one table passes for one of another. `key` orders the rows
    and names each. Rows whose times are not told by a clock at their writing are not looked at for being late.
    """

    name: str
    rows: sa.Table
    seals: Any
    key: tuple[str, ...]
    label: str
    lock: str
    #: Batches are dropped with their months, and found by their times.
    has_months: bool

    @property
    def order(self) -> tuple[sa.Column[Any], ...]:
        """The columns of the key."""
        return tuple(self.rows.c[name] for name in self.key)

    @property
    def covered(self) -> tuple[str, ...]:
        """The columns that a seal covers: all but where a row is sealed, which its place in the tree says."""
        return tuple(sorted({column.name for column in self.rows.columns} - {"seal_position", "seal_leaf"}))

    def place(self, position: int) -> sa.ColumnElement[bool]:
        """Say in SQL that a row claims to lie in that batch."""
        return self.rows.c.seal_position == position


def table_of(model: Any) -> sa.Table:
    """Return the table of a model."""
    table: sa.Table = sa.inspect(model).local_table
    return table


#: The audit log itself.
AUDIT = SealedTable(
    name="audit",
    rows=table_of(AuditEvent),
    seals=AuditSeal,
    key=("at", "id"),
    label="yihao audit row 1",
    lock="audit sealer",
    has_months=True,
)
