"""The register under the next version of the index key: its digests are made anew of the sealed entries."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring
from idp.keys.rows import BATCH, Exchange, RotationFailed
from idp.storage.bulk import insert_rows
from idp.storage.engine import Database, take_time
from realname.providers.register.digests import index_rows
from realname.providers.register.entry import decode_entry, open_content
from realname.providers.register.models import RegisterEntry, RegisterIndex

_FORGET = 10 * BATCH


class RegisterRows:
    """`KeyedRows` for the index key.

    A row is written while its entry is held, as whoever changes an entry holds it: so every version of the key
    tells the same of it.
    """

    name = RegisterIndex.__tablename__

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """See KeyedRows.convert."""
        after = 0
        while True:
            with self._database.read() as session:
                page = session.scalars(_page(after, BATCH)).all()
                missing = _without(session, page, exchange.new)
            if missing:
                with self._database.transaction() as session:
                    take_time(session)
                    yield self._write(session, exchange, keyring, missing)
            if len(page) < BATCH:
                return
            after = page[-1]

    def count_left(self, exchange: Exchange) -> int:
        """See KeyedRows.count_left."""
        present = sa.exists().where(
            RegisterIndex.entry_id == RegisterEntry.id, RegisterIndex.key_version == exchange.new
        )
        with self._database.read() as session:
            take_time(session)
            return session.scalar(sa.select(sa.func.count(RegisterEntry.id)).where(~present)) or 0

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """See KeyedRows.forget; walked by the entries, since a page found by what is deleted costs ever more."""
        after = 0
        while True:
            with self._database.transaction() as session:
                take_time(session)
                page = session.scalars(_page(after, _FORGET)).all()
                if not page:
                    return
                gone = session.scalars(
                    sa.delete(RegisterIndex)
                    .where(RegisterIndex.entry_id.between(page[0], page[-1]), RegisterIndex.key_version == exchange.old)
                    .returning(RegisterIndex.entry_id)
                ).all()
            yield len(gone)
            after = page[-1]

    def _write(self, session: Session, exchange: Exchange, keyring: Keyring, missing: Sequence[int]) -> int:
        """Write what is missing, as far as nobody else holds it; an import never waits for a rotation."""
        held = session.execute(
            sa.select(RegisterEntry.id, RegisterEntry.content)
            .where(RegisterEntry.id.in_(missing))
            .with_for_update(skip_locked=True)
        ).all()
        # Looked at once more, now held: an import may just have written them.
        still = set(_without(session, [row.id for row in held], exchange.new))
        rows = []
        for key, sealed in held:
            if key in still:
                rows += [row for row in _rows(keyring, key, sealed) if row["key_version"] == exchange.new]
        insert_rows(session, RegisterIndex, rows)
        return len(rows)


def _rows(keyring: Keyring, key: int, sealed: bytes) -> list[dict[str, object]]:
    try:
        return index_rows(keyring, key, decode_entry(open_content(keyring, key, sealed)))
    except DecryptionFailed as failed:
        raise RotationFailed(f"register_entries {key} does not open ({failed.reason}); restore or delete it") from None


def _page(after: int, size: int) -> sa.Select[int]:
    return sa.select(RegisterEntry.id).where(RegisterEntry.id > after).order_by(RegisterEntry.id).limit(size)


def _without(session: Session, ids: Sequence[int], version: int) -> list[int]:
    """Return those of the entries that are not found under that version yet."""
    if not ids:
        return []
    present = session.scalars(
        sa.select(RegisterIndex.entry_id).where(
            RegisterIndex.entry_id.between(ids[0], ids[-1]), RegisterIndex.key_version == version
        )
    )
    return sorted(set(ids) - set(present))
