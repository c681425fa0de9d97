"""Many rows at once, by the fastest way that each database has into a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from idp.core.errors import StoreUnavailable


def insert_rows(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns, in the session's transaction.

    Their values are the drivers' own types, or documents. On PostgreSQL by COPY, which takes a third of an
    INSERT's time; a constraint that is broken raises there psycopg's error, and StoreUnavailable comes from both.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(sa.insert(model.__table__), [dict(row) for row in rows])
        return
    columns = list(rows[0])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - the engine makes no other
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_driven(row[name]) for name in columns])
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"database: {type(error).__name__}") from None


def _driven(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value
