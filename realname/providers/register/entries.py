"""Writing the register: entries are put as they are said, and whoever is no longer said goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring, Purpose
from idp.storage.bulk import insert_rows
from idp.storage.locks import wait_for_lock
from realname.providers.register import deaths
from realname.providers.register.digests import index_rows, number_indexes
from realname.providers.register.entry import Entry, decode_entry, encode_entry, open_content, seal_content
from realname.providers.register.models import RegisterDeath, RegisterEntry, RegisterIndex


class Change(StrEnum):
    """What became of an entry that was put."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"  # its number was put before with another content, which stays


@dataclass(frozen=True, slots=True)
class Put:
    """An entry's row, and what became of it."""

    id: int
    change: Change


def _nothing_done(_entry_id: int) -> bool:
    return False


class Register:
    """Writes the register. Writers go one after another; whoever asks is never kept waiting."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring
        self._analysed_id = 0

    def put(
        self, session: Session, entries: Sequence[Entry], *, is_done: Callable[[int], bool] = _nothing_done
    ) -> list[Put]:
        """Add the entries, or bring those that are there up to what is said now; return what became of each.

        `is_done` says of a row whether this run has spoken of it before: two words about one number cannot both
        hold, so the later one is only reported. The caller audits.
        """
        wait_for_lock(session, "register")
        version = self._keyring.active_version(Purpose.INDEX)
        indexes = [number_indexes(self._keyring, entry.number)[version] for entry in entries]
        known = self._known(session, version, indexes)
        next_id = (session.scalar(sa.select(sa.func.max(RegisterEntry.id))) or 0) + 1
        batch = _Batch(keyring=self._keyring, next_id=next_id)
        self._analysed_id = self._analysed_id or next_id
        done = [
            batch.add(index, entry, known.get(index), is_done) for index, entry in zip(indexes, entries, strict=True)
        ]
        batch.write(session)
        if batch.next_id > 2 * self._analysed_id:
            # While it grows out of nothing the planner goes by what it last knew, and would read tables whole.
            self.analyse(session)
            self._analysed_id = batch.next_id
        return done

    def end(self, session: Session, ids: Sequence[int]) -> None:
        """Delete entries with all that they are found by. The caller audits."""
        wait_for_lock(session, "register")
        # Held first: a rotation of keys, which passes over what is held, would else index what is about to go.
        session.execute(sa.select(RegisterEntry.id).where(RegisterEntry.id.in_(ids)).with_for_update())
        session.execute(sa.delete(RegisterIndex).where(RegisterIndex.entry_id.in_(ids)))
        session.execute(sa.delete(RegisterDeath).where(RegisterDeath.entry_id.in_(ids)))
        session.execute(sa.delete(RegisterEntry).where(RegisterEntry.id.in_(ids)))

    def last_id(self, session: Session) -> int:
        """Return the highest id in use."""
        return session.scalar(sa.select(sa.func.max(RegisterEntry.id))) or 0

    def ids_after(self, session: Session, after: int, *, limit: int) -> Sequence[int]:
        """Return a page of the ids in use, in order."""
        page = sa.select(RegisterEntry.id).where(RegisterEntry.id > after).order_by(RegisterEntry.id).limit(limit)
        return session.scalars(page).all()

    def analyse(self, session: Session) -> None:
        """Let the planner look at the tables."""
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text("ANALYZE register_entries, register_indexes"))

    def _known(self, session: Session, version: int, indexes: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        """Return id and content of the entries that are there; nobody else changes them, since writers take turns."""
        rows = session.execute(
            sa.select(RegisterIndex.index, RegisterEntry.id, RegisterEntry.content)
            .join(RegisterEntry, RegisterEntry.id == RegisterIndex.entry_id)
            .where(RegisterIndex.key_version == version, RegisterIndex.index.in_(indexes))
        )
        return {index: (key, open_content(self._keyring, key, sealed)) for index, key, sealed in rows}


class _Batch:
    """The rows of one `put`; `next_id` is the first that is still free."""

    def __init__(self, *, keyring: Keyring, next_id: int) -> None:
        self._keyring = keyring
        self.next_id = next_id
        self._seen: dict[str, tuple[int, bytes]] = {}
        self._added: list[dict[str, Any]] = []
        self._changed: list[dict[str, Any]] = []
        self._indexes: list[dict[str, Any]] = []
        self._deaths: list[int] = []

    def add(self, index: str, entry: Entry, known: tuple[int, bytes] | None, is_done: Callable[[int], bool]) -> Put:
        """Take one entry in; `known` is what the database has of its number."""
        content = encode_entry(entry)
        before = self._seen.get(index)
        is_fixed = before is not None
        before = before or known
        if before is None:
            put = Put(self.next_id, Change.ADDED)
            self.next_id += 1
            self._added.append({"id": put.id, "content": seal_content(self._keyring, put.id, content)})
            if entry.deceased_on is not None:
                self._deaths.append(put.id)
        elif before[1] == content:
            put = Put(before[0], Change.UNCHANGED)
        elif is_fixed or is_done(before[0]):
            return Put(before[0], Change.REPEATED)
        else:
            put = Put(before[0], Change.CHANGED)
            self._changed.append({"of": put.id, "now": seal_content(self._keyring, put.id, content)})
            if entry.deceased_on != decode_entry(before[1]).deceased_on:
                self._deaths.append(put.id)
        if put.change is not Change.UNCHANGED:
            self._indexes += index_rows(self._keyring, put.id, entry)
        self._seen[index] = (put.id, content)
        return put

    def write(self, session: Session) -> None:
        """Write all rows."""
        insert_rows(session, RegisterEntry, self._added)
        if self._changed:
            table = sa.inspect(RegisterEntry).local_table
            assert isinstance(table, sa.Table)  # noqa: S101 - no join is mapped
            update = sa.update(table).where(table.c.id == sa.bindparam("of")).values(content=sa.bindparam("now"))
            session.connection().execute(update, self._changed)
            # Deleted and not updated: a version of the key that this process does not know yet loses its row, and
            # the rotation that brings it makes it anew, instead of leaving one that tells something older.
            changed = [row["of"] for row in self._changed]
            session.execute(sa.delete(RegisterIndex).where(RegisterIndex.entry_id.in_(changed)))
        # In the order of the index: neighbours in it are written together, and tell nothing of the file's order.
        insert_rows(session, RegisterIndex, sorted(self._indexes, key=lambda row: (row["key_version"], row["index"])))
        deaths.note(session, self._deaths)
