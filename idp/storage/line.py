"""A line: a connection to PostgreSQL for one thread at a time; statements are prepared on it once, and run by name.

It speaks libpq through psycopg's wrapper of it: a cursor costs several times what a look-up by key does.
Values go and come in psycopg's types.
"""

import json
import select
import time
from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.types.json import set_json_loads

from idp.storage.patience import PatientConnection

_WELL = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
# One plan for good suits look-ups by key; compiling it to machine code never pays, nor does remembering the one row
# that a join finds.
_SETTINGS = (b"SET plan_cache_mode = force_generic_plan", b"SET jit = off", b"SET enable_memoize = off")
# The library writes them so too, and asks five of its functions before it does.
_TIMES = (datetime, date)
_decode_json = json.JSONDecoder().decode


def _load_json(text: str | bytes) -> Any:
    """Read what PostgreSQL wrote: UTF-8, so its encoding need not be guessed."""
    return _decode_json(text if isinstance(text, str) else str(text, "utf-8"))


@dataclass(slots=True)
class _Prepared:
    """A statement on a connection, and how its rows are read."""

    name: bytes
    transformer: Any
    make_row: Callable[[Sequence[Any]], Any] | None = None


class Line:
    """Runs prepared statements, each a transaction of its own, and does not wait for ever."""

    __slots__ = ("_connection", "_pgconn", "_poll", "_prepared")

    def __init__(self, connection: PatientConnection) -> None:
        """Take a connection over for good; raises psycopg.Error."""
        connection.autocommit = True
        for setting in _SETTINGS:
            connection.execute(setting)
        set_json_loads(_load_json, connection)
        self._connection = connection
        self._pgconn = connection.pgconn
        self._prepared: dict[bytes, _Prepared] = {}
        self._poll = select.poll()
        self._poll.register(self._pgconn.socket, select.POLLIN)

    @property
    def is_outlived(self) -> bool:
        """See PatientConnection.is_outlived."""
        return self._connection.is_outlived

    @property
    def is_broken(self) -> bool:
        """True where nothing more can be sent on it."""
        return self._pgconn.status != pq.ConnStatus.OK

    def run(self, sql: bytes, values: Sequence[Any]) -> list[Any]:
        """Return as named tuples the rows of `sql`, whose `$1`, `$2`, … are `values`.

        Raises psycopg.Error; after an OperationalError nobody knows whether the statement was carried out.
        """
        prepared = self._prepared.get(sql) or self._prepare(sql)
        transformer = prepared.transformer
        written = [str(value) if type(value) in _TIMES else value for value in values]
        encoded = transformer.dump_sequence(written, [PyFormat.TEXT] * len(written))
        self._pgconn.send_query_prepared(prepared.name, encoded, transformer.formats)
        result = self._result()
        make_row = prepared.make_row
        # How columns are read is looked up with the first answer: a prepared statement's never change.
        transformer.set_pgresult(result, set_loaders=make_row is None)
        if make_row is None:
            make_row = prepared.make_row = _row_maker(result)
        rows: list[Any] = transformer.load_rows(0, result.ntuples, make_row)
        return rows

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _prepare(self, sql: bytes) -> "_Prepared":
        prepared = _Prepared(b"line_%d" % len(self._prepared), Transformer(self._connection))
        # The types are the server's to find: each parameter stands beside a column, or has a cast.
        self._pgconn.send_prepare(prepared.name, sql)
        self._result()
        self._prepared[sql] = prepared
        return prepared

    def _result(self) -> pq.abc.PGresult:
        """Return the one result of what was sent; raises psycopg.Error."""
        pgconn = self._pgconn
        until = time.monotonic() + self._connection.begin_waiting()
        while pgconn.flush():
            self._wait(until)
        while True:
            self._wait(until)
            pgconn.consume_input()
            if not pgconn.is_busy():
                break
        result = pgconn.get_result()
        while pgconn.get_result() is not None:
            pass  # libpq ends every exchange with an empty one
        if result is None:
            raise psycopg.OperationalError("the connection gave no result")
        if result.status not in _WELL:
            raise error_from_result(result, encoding="utf-8")
        return result

    def _wait(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0 or not self._poll.poll(1000 * left):
            self._connection.end_in_vain()


def _row_maker(result: pq.abc.PGresult) -> Callable[[Sequence[Any]], Any]:
    names = [(result.fname(place) or b"").decode() for place in range(result.nfields)]
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    make: Callable[[Sequence[Any]], Any] = row._make
    return make
