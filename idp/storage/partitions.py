"""Range partitions on PostgreSQL, made ahead of time; on SQLite a table is one piece and nothing is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.storage.engine import Database
from idp.storage.locks import try_lock


@dataclass(frozen=True, slots=True)
class Partition:
    """One range of a table's partition key; the bounds are literals of ours, the upper one excluded."""

    table: str
    name: str
    lower: str
    upper: str


def create_ahead(database: Database, column: str, partitions: Iterable[Partition]) -> int:
    """Create those that are missing and return how many; a range that began in the default partition stays there."""
    if database.is_sqlite:
        return 0
    created = 0
    for partition in partitions:
        with database.transaction() as session:
            if try_lock(session, "partitions") and _is_free(session, column, partition):
                _create(session, partition)
                created += 1
    return created


def existing(session: Session, table: str) -> Sequence[str]:
    """Return the names of a table's partitions, without the default one."""
    found = session.scalars(
        sa.text(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = CAST(:parent AS regclass) ORDER BY child.relname"
        ),
        {"parent": table},
    )
    return [name for name in found if name != f"{table}_default"]


def drop(session: Session, name: str) -> None:
    """Drop a partition with its rows."""
    session.execute(sa.text(f'DROP TABLE "{name}"'))


def _is_free(session: Session, column: str, partition: Partition) -> bool:
    if partition.name in existing(session, partition.table):
        return False
    # Rows of the range that came before the partition would make its creation fail, and cannot be moved unseen.
    occupied = session.scalar(
        sa.text(
            f"SELECT EXISTS (SELECT 1 FROM {partition.table}_default"  # noqa: S608 - names and bounds are ours
            f" WHERE {column} >= '{partition.lower}' AND {column} < '{partition.upper}')"
        )
    )
    return not occupied


def _create(session: Session, partition: Partition) -> None:
    # Attaching locks the table far less than CREATE TABLE … PARTITION OF, which stops every insert.
    session.execute(
        sa.text(f'CREATE TABLE "{partition.name}" (LIKE {partition.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)')
    )
    session.execute(
        sa.text(
            f'ALTER TABLE {partition.table} ATTACH PARTITION "{partition.name}"'
            f" FOR VALUES FROM ('{partition.lower}') TO ('{partition.upper}')"
        )
    )
