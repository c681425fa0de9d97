"""Rows on their way in: loaded a chunk at a time into a table of the batch's own, with the checkpoint beside them.

On PostgreSQL that table is unlogged, which halves what it costs and empties it when the server crashes; whoever goes
on with a batch asks `is_lost` first. On SQLite the rows lie in the one table there is.
"""

from collections.abc import Iterable, Sequence

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy.orm import Session

from idp.core.errors import StoreUnavailable
from idp.linking.models import StagedFault, StagedMatch, StagedRow
from idp.linking.preparation import COLUMNS, PreparedRow, RowProblem
from idp.storage.locks import wait_for_lock

_PARTITIONED = (StagedRow.__tablename__, StagedMatch.__tablename__)
_FAULTED = (StagedRow, StagedMatch, StagedFault)
# As COPY takes them in binary; text columns are varchar in the table.
_TYPES = ("int8", "int8", *("bytea",) * 3, "int2", *("bytea",) * 5, *("varchar",) * 3, "bool", "bytea", "bytea")


def begin_staging(session: Session, batch_number: int) -> None:
    """Give the batch empty tables of its own; what an earlier try left goes."""
    forget_staged(session, batch_number)
    if _is_sqlite(session):
        return
    # Attaching locks the table far less than creating the partition in place, but two at once would deadlock.
    wait_for_lock(session, "staging tables")
    for table in _PARTITIONED:
        name = _partition(table, batch_number)
        session.execute(
            sa.text(f"CREATE UNLOGGED TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        )
        # Bulk work that is analysed when it is done; nothing is ever updated row by row.
        session.execute(sa.text(f"ALTER TABLE {name} SET (autovacuum_enabled = off)"))
        session.execute(sa.text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES IN ({int(batch_number)})"))


def forget_staged(session: Session, batch_number: int) -> None:
    """Delete everything that is staged of a batch, its faults too."""
    if _is_sqlite(session):
        for model in _FAULTED:
            session.execute(sa.delete(model).where(model.batch_number == batch_number))
        return
    wait_for_lock(session, "staging tables")
    for table in _PARTITIONED:
        session.execute(sa.text(f"DROP TABLE IF EXISTS {_partition(table, batch_number)}"))
    session.execute(sa.delete(StagedFault).where(StagedFault.batch_number == batch_number))


def forget_rows(session: Session, batch_number: int) -> None:
    """Delete the staged rows and the plan of a batch that is done with; what could not be taken stays known."""
    if _is_sqlite(session):
        for model in (StagedRow, StagedMatch):
            session.execute(sa.delete(model).where(model.batch_number == batch_number))
        return
    wait_for_lock(session, "staging tables")
    for table in _PARTITIONED:
        session.execute(sa.text(f"DROP TABLE IF EXISTS {_partition(table, batch_number)}"))


def is_lost(session: Session, batch_number: int) -> bool:
    """Tell whether the batch has no row, as after a crash of PostgreSQL; for batches that staged one."""
    return session.scalar(sa.select(sa.exists().where(StagedRow.batch_number == batch_number))) is not True


def load_rows(session: Session, batch_number: int, rows: Sequence[PreparedRow]) -> None:
    """Load prepared rows; raises StoreUnavailable, or psycopg's error where the disk is full."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        names = ", ".join(("batch_number", *COLUMNS))
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        statement = f"INSERT INTO {StagedRow.__tablename__} ({names}) VALUES ({marks})"  # noqa: S608 - names are ours
        if rows:
            connection.exec_driver_sql(statement, [(batch_number, *row) for row in rows])
        return
    copy_into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(_partition(StagedRow.__tablename__, batch_number)),
        sql.SQL(", ").join(map(sql.Identifier, ("batch_number", *COLUMNS))),
    )
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the engine makes no other
    try:
        with driver.cursor() as cursor:
            # For the type's sake psycopg would take the dumper of DB-API's Binary, which is written in Python.
            cursor.adapters.register_dumper(bytes, BytesBinaryDumper)
            with cursor.copy(copy_into) as copy:
                copy.set_types(_TYPES)
                for row in rows:
                    copy.write_row((batch_number, *row))
    except psycopg.OperationalError as error:
        if isinstance(error, psycopg.errors.DiskFull):
            raise
        raise StoreUnavailable(f"database: {type(error).__name__}") from None


def record_faults(session: Session, batch_number: int, faults: Iterable[tuple[int, str]]) -> None:
    """Remember which rows cannot be taken, and why."""
    rows = [{"batch_number": batch_number, "row_number": number, "fault": fault} for number, fault in faults]
    if rows:
        session.execute(sa.insert(StagedFault), rows)


def set_repeated_apart(session: Session, batch_number: int) -> dict[str, int]:
    """Leave of each account the first row only; the others become faults, and their numbers by kind are returned."""
    first = (
        sa.select(StagedRow.ref_index, sa.func.min(StagedRow.row_number).label("row_number"))
        .where(StagedRow.batch_number == batch_number)
        .group_by(StagedRow.ref_index)
        .having(sa.func.count() > 1)
        .cte("first")
    )
    kept, other = sa.orm.aliased(StagedRow), sa.orm.aliased(StagedRow)
    same = kept.content_digest == other.content_digest
    session.execute(
        sa.insert(StagedFault).from_select(
            ["batch_number", "row_number", "fault"],
            sa.select(
                other.batch_number,
                other.row_number,
                sa.case((same, str(RowProblem.REPEATED)), else_=str(RowProblem.CONFLICTING)),
            )
            .select_from(first)
            .join(kept, sa.and_(kept.batch_number == batch_number, kept.row_number == first.c.row_number))
            .join(
                other,
                sa.and_(
                    other.batch_number == batch_number,
                    other.ref_index == first.c.ref_index,
                    other.row_number != first.c.row_number,
                ),
            ),
        )
    )
    kinds = (str(RowProblem.REPEATED), str(RowProblem.CONFLICTING))
    faulty = sa.select(StagedFault.row_number).where(
        StagedFault.batch_number == batch_number, StagedFault.fault.in_(kinds)
    )
    session.execute(
        sa.delete(StagedRow)
        .where(StagedRow.batch_number == batch_number, StagedRow.row_number.in_(faulty))
        .execution_options(synchronize_session=False)
    )
    return fault_counts(session, batch_number)


def fault_counts(session: Session, batch_number: int) -> dict[str, int]:
    """Return how many rows of a batch cannot be taken, by reason."""
    rows = session.execute(
        sa.select(StagedFault.fault, sa.func.count().label("rows"))
        .where(StagedFault.batch_number == batch_number)
        .group_by(StagedFault.fault)
    )
    return {row.fault: row.rows for row in rows}


def analyse(session: Session, *tables: str) -> None:
    """Let the planner know what was loaded: without it a look-up went from 6,839 to 174 a second."""
    for table in tables:
        session.execute(sa.text(f"ANALYZE {table}"))


def analyse_staged(session: Session, batch_number: int, model: type[StagedRow | StagedMatch]) -> None:
    """Do the same for what is staged of one batch."""
    table = model.__tablename__
    analyse(session, table if _is_sqlite(session) else _partition(table, batch_number))


def _partition(table: str, batch_number: int) -> str:
    return f"{table}_b{int(batch_number)}"


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
