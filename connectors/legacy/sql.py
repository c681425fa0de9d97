"""Older systems asked in their database, by one query that the operator wrote.

The query reads and takes the login as its only parameter; the transaction is read-only besides, so that a query
that writes fails on every account. The account it uses should have nothing but SELECT.
"""

import math
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors.legacy.live import TIMEOUT_SECONDS, LiveRow, live_row
from idp.core.errors import ConfigError, ConnectorError

_PARAMETER = "login"


class SqlSource:
    """Asks PostgreSQL, or whatever else SQLAlchemy has a driver for here.

    The query's columns are named by the fields of a row (`SELECT id AS reference, pw AS password …`), or `columns`
    says which is which.
    """

    def __init__(self, *, url: str, query: str, columns: Mapping[str, str], password: str = "") -> None:
        statement = sa.text(query)
        if list(statement.compile().params) != [_PARAMETER] or ";" in query.rstrip().rstrip(";"):
            raise ConfigError("the query of a live source is one statement whose only parameter is :login")
        self._query = statement
        self._columns = columns
        try:
            parsed = sa.make_url(url)
            if password:
                parsed = parsed.set(password=password)
            # One connection per question: an older system's database is not ours to hold connections of.
            self._engine = sa.create_engine(parsed, poolclass=sa.NullPool, **_limits(parsed))
        except (SQLAlchemyError, ImportError) as error:
            raise ConfigError(f"the database of a live source cannot be used ({type(error).__name__})") from None

    def find(self, login: str) -> LiveRow | None:
        """See LiveSource.find."""
        if "\x00" in login:  # PostgreSQL's text has none
            return None
        try:
            with self._engine.connect() as connection, connection.begin():
                _read_only(connection)
                # A second row is enough to know that the login names nobody in particular.
                rows = connection.execute(self._query, {_PARAMETER: login}).mappings().fetchmany(2)
        except SQLAlchemyError as error:
            # From None: a driver's text may quote the login, or the row.
            raise ConnectorError(f"an older system's database gave no answer ({type(error).__name__})") from None
        if len(rows) != 1:
            return None
        named = {field: rows[0].get(column) for field, column in self._columns.items()} if self._columns else rows[0]
        return live_row({field: "" if value is None else str(value) for field, value in named.items()})

    def verify(self, login: str, password: str) -> bool | None:
        """Leave it to us: the query gives the stored password out."""
        return None


def _limits(url: sa.URL) -> dict[str, object]:
    """Return what keeps a question within its time, as far as the driver knows how."""
    if url.get_backend_name() == "postgresql":
        milliseconds = int(TIMEOUT_SECONDS * 1000)
        options = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
        return {"connect_args": {"connect_timeout": math.ceil(TIMEOUT_SECONDS), "options": options}}
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": TIMEOUT_SECONDS}}
    if url.get_backend_name() in ("mysql", "mariadb"):
        whole = math.ceil(TIMEOUT_SECONDS)
        return {"connect_args": {"connect_timeout": whole, "read_timeout": whole}}
    return {}


def _read_only(connection: sa.Connection) -> None:
    name = connection.dialect.name
    if name in ("postgresql", "mysql", "mariadb", "oracle"):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    elif name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
