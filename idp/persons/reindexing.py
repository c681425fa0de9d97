"""Blind indexes under the next version of their key: computed anew from what only the person's key opens."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.blind_index import blind_index
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring
from idp.crypto.person_key import open_person_key
from idp.keys.models import PersonKey
from idp.keys.rows import BATCH, Exchange, RotationFailed
from idp.persons.ciphers import decrypt_text
from idp.persons.login_identifier import fold_email
from idp.persons.models import Contact, ContactIndex, Identifier, IdentifierIndex
from idp.persons.vocabulary import ContactKind
from idp.storage.engine import Database, take_time
from idp.storage.upsert import insert_into

_PAUSE_SECONDS = 0.05


class IndexRows:
    """The index rows of one table of values; `KeyedRows` for the index key.

    A row is written while its value's own row is held: whoever makes a value current or former takes that
    row first, so both versions always tell the same.
    """

    def __init__(self, *, database: Database, value: Any, index: Any, link: Any, kind: Any) -> None:
        self._database = database
        self._value = value
        self._index = index
        self._link = link
        self._kind = kind
        self.name: str = index.__tablename__

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """See KeyedRows.convert."""
        after = ""
        while True:
            with self._database.read() as session:
                page = session.scalars(
                    sa.select(self._value.id).where(self._value.id > after).order_by(self._value.id).limit(BATCH)
                ).all()
                missing = self._missing_between(session, exchange, after, page[-1]) if page else []
            if missing:
                with self._database.transaction() as session:
                    held, written = self._write(session, exchange, keyring, missing)
                yield written
                if held < len(missing):
                    time.sleep(_PAUSE_SECONDS)  # somebody has them; the next round takes them
            if len(page) < BATCH:
                return
            after = page[-1]

    def count_left(self, exchange: Exchange) -> int:
        """See KeyedRows.count_left."""
        with self._database.read() as session:
            take_time(session)
            missing = self._missing(exchange).subquery()
            return session.scalar(sa.select(sa.func.count()).select_from(missing)) or 0

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """See KeyedRows.forget."""
        old = self._index.key_version == exchange.old
        some = sa.select(self._link).where(old).limit(BATCH * 10)
        while True:
            with self._database.transaction() as session:
                take_time(session)
                gone = session.scalars(
                    sa.delete(self._index).where(old, self._link.in_(some)).returning(self._link)
                ).all()
            if not gone:
                return
            yield len(gone)

    def _missing(self, exchange: Exchange) -> sa.Select[Any]:
        """Select the values with an index under the old version and none that agrees under the new one.

        Those of an erased person are left out: nobody can read them, and they go with the old version.
        """
        new = sa.orm.aliased(self._index)
        new_link = getattr(new, self._link.key)
        agrees = sa.exists().where(
            new_link == self._link, new.key_version == exchange.new, new.is_current == self._index.is_current
        )
        return (
            sa.select(self._link)
            .join(self._value, self._value.id == self._link)
            .join(PersonKey, PersonKey.person_id == self._value.person_id)
            .where(self._index.key_version == exchange.old, PersonKey.erased_at.is_(None), ~agrees)
        )

    def _missing_between(self, session: Session, exchange: Exchange, after: str, last: str) -> list[str]:
        """Return the same for a range of values, compared here: while a table doubles, no planner knows it."""
        rows = session.execute(
            sa.select(self._link.label("link"), self._index.key_version, self._index.is_current)
            .where(self._link > after, self._link <= last)
            .where(self._index.key_version.in_([exchange.old, exchange.new]))
        ).all()
        new = {(row.link, row.is_current) for row in rows if row.key_version == exchange.new}
        old = [(row.link, row.is_current) for row in rows if row.key_version == exchange.old]
        return [link for link, is_current in old if (link, is_current) not in new]

    def _write(self, session: Session, exchange: Exchange, keyring: Keyring, missing: Sequence[str]) -> tuple[int, int]:
        """Write what is missing, as far as nobody else holds it; return how many were held, and written."""
        # Rows that others hold are passed over: a login never waits for a rotation, nor the other way round.
        held = session.scalars(
            sa.select(self._value.id)
            .where(self._value.id.in_(missing))
            .with_for_update(skip_locked=True, key_share=True)
        ).all()
        rows = session.execute(
            sa.select(
                self._value.id,
                self._value.person_id,
                self._value.ciphertext,
                self._kind.label("kind"),
                self._index.is_current,
                PersonKey.wrapped,
            )
            .join(self._index, self._link == self._value.id)
            .join(PersonKey, PersonKey.person_id == self._value.person_id)
            .where(self._value.id.in_(held), self._index.key_version == exchange.old, PersonKey.erased_at.is_(None))
        ).all()
        if rows:
            insert = insert_into(session, self._index.__table__)
            session.connection().execute(
                insert.on_conflict_do_update(
                    index_elements=[self._link.key, "key_version"],
                    set_={"is_current": insert.excluded.is_current},
                ),
                [self._row(exchange, keyring, row) for row in rows],
            )
        return len(held), len(rows)

    def _row(self, exchange: Exchange, keyring: Keyring, row: Any) -> dict[str, Any]:
        try:
            cipher = open_person_key(keyring, row.person_id, row.wrapped)
            value = decrypt_text(cipher, row.ciphertext, table=self._value.__tablename__, row=row.id)
        except DecryptionFailed as failed:
            table = self._value.__tablename__
            raise RotationFailed(f"{table} {row.id} does not open ({failed.reason}); restore or delete it") from None
        canonical = fold_email(value) if row.kind == ContactKind.EMAIL else value
        return {
            self._link.key: row.id,
            "key_version": exchange.new,
            self._kind.key: row.kind,
            "index": blind_index(keyring, row.kind, canonical)[exchange.new],
            "is_current": row.is_current,
        }


def index_rows(database: Database) -> tuple[IndexRows, ...]:
    """Return every table of blind indexes that this room owns."""
    return (
        IndexRows(
            database=database,
            value=Contact,
            index=ContactIndex,
            link=ContactIndex.contact_id,
            kind=ContactIndex.kind,
        ),
        IndexRows(
            database=database,
            value=Identifier,
            index=IdentifierIndex,
            link=IdentifierIndex.identifier_id,
            kind=IdentifierIndex.type,
        ),
    )
