"""What hangs on a key: rows that are written anew under its next version before the old one goes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import sqlalchemy as sa

from idp.core.errors import IdpError
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring, Purpose
from idp.storage.engine import Database, take_time

BATCH = 500


class RotationFailed(IdpError):
    """A rotation cannot go on; the text names the row or the reason."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Which version takes over from which; `old_header` begins every ciphertext of the old one."""

    purpose: Purpose
    old: int
    new: int
    old_header: bytes = field(repr=False)


class KeyedRows(Protocol):
    """The rows of one table that depend on one purpose's key."""

    name: str

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """Write rows anew in short transactions, and yield how many each time; may be repeated after any end."""

    def count_left(self, exchange: Exchange) -> int:
        """Return how many rows still need the old version."""

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """Delete what only the old version needs, and yield how many each time."""


class CiphertextRows:
    """A column of ciphertexts; `rewrite` returns one of them under the active key, from row id and old form.

    Row ids are texts, or numbers from 1.
    """

    def __init__(
        self,
        *,
        database: Database,
        row_id: Any,
        column: Any,
        rewrite: Callable[[Keyring, str, bytes], bytes],
    ) -> None:
        self._database = database
        self._table = row_id.class_.__table__
        self._id = self._table.c[row_id.key]
        self._column = self._table.c[column.key]
        self._rewrite = rewrite
        self.name = str(self._table.name)

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """See KeyedRows.convert."""
        page = (
            sa.select(self._id, self._column)
            .where(self._id > sa.bindparam("after"), self._is_old(exchange))
            .order_by(self._id)
            .limit(BATCH)
        )
        # Only where it is still what was read: a row erased or changed meanwhile stays as it is.
        write = (
            sa.update(self._table)
            .where(self._id == sa.bindparam("of"), self._column == sa.bindparam("before"))
            .values({self._column: sa.bindparam("now")})
        )
        after: Any = "" if isinstance(self._id.type, sa.String) else 0
        while True:
            with self._database.transaction() as session:
                take_time(session)
                rows = session.execute(page, {"after": after}).all()
                if not rows:
                    return
                session.connection().execute(
                    write, [{"of": key, "before": old, "now": self._renew(keyring, str(key), old)} for key, old in rows]
                )
            after = rows[-1][0]
            yield len(rows)

    def count_left(self, exchange: Exchange) -> int:
        """See KeyedRows.count_left."""
        with self._database.read() as session:
            take_time(session)
            return session.scalar(sa.select(sa.func.count(self._id)).where(self._is_old(exchange))) or 0

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """See KeyedRows.forget: a ciphertext is rewritten, never deleted."""
        yield from ()

    def _is_old(self, exchange: Exchange) -> sa.ColumnElement[bool]:
        size = len(exchange.old_header)
        return sa.func.substr(self._column, 1, size) == sa.literal(exchange.old_header, sa.LargeBinary)

    def _renew(self, keyring: Keyring, key: str, old: bytes) -> bytes:
        try:
            return self._rewrite(keyring, key, old)
        except DecryptionFailed as failed:
            raise RotationFailed(f"{self.name} {key} does not open ({failed.reason}); restore or delete it") from None
