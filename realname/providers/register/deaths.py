"""Which entries say a death that nobody has acted on yet: noted with the entry, so that no import can lose one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring
from idp.storage.upsert import insert_into
from realname.documents.document_number import DocumentNumber
from realname.providers.register.entry import decode_entry, open_content
from realname.providers.register.models import RegisterDeath, RegisterEntry

# Longer than a verification and the recording of its answer can be apart.
_SECOND_LOOK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Word:
    """What the register says now of a number about whose death its word has changed; None: no death."""

    entry_id: int
    version: int
    number: DocumentNumber
    deceased_on: date | None = field(repr=False)


def note(session: Session, entry_ids: Sequence[int]) -> None:
    """Note entries whose death was said, or is said no more, in the transaction that writes them."""
    if not entry_ids:
        return
    rows = [{"entry_id": entry_id, "version": 1, "looked_at": None} for entry_id in sorted(set(entry_ids))]
    session.execute(
        insert_into(session, RegisterDeath)
        .values(rows)
        .on_conflict_do_update(
            index_elements=["entry_id"], set_={"version": RegisterDeath.version + 1, "looked_at": None}
        )
    )


def pending(session: Session, keyring: Keyring, *, at: datetime, limit: int) -> tuple[Word, ...]:
    """Return words that nobody has looked at, and those whose second look is due; raises DecryptionFailed."""
    rows = session.execute(
        sa.select(RegisterDeath.entry_id, RegisterDeath.version, RegisterEntry.content)
        .join(RegisterEntry, RegisterEntry.id == RegisterDeath.entry_id)
        .where(sa.or_(RegisterDeath.looked_at.is_(None), RegisterDeath.looked_at <= at - _SECOND_LOOK))
        .order_by(RegisterDeath.entry_id)
        .limit(limit)
    ).all()
    found = []
    for row in rows:
        entry = decode_entry(open_content(keyring, row.entry_id, row.content))
        found.append(Word(row.entry_id, row.version, entry.number, entry.deceased_on))
    return tuple(found)


def looked_at(session: Session, words: Iterable[Word], *, at: datetime) -> None:
    """Note the first look at these words and forget them with the second, unless the register spoke again."""
    same = sa.tuple_(RegisterDeath.entry_id, RegisterDeath.version).in_(
        [(word.entry_id, word.version) for word in words]
    )
    session.execute(
        sa.delete(RegisterDeath).where(same, RegisterDeath.looked_at <= at - _SECOND_LOOK),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        sa.update(RegisterDeath).where(same, RegisterDeath.looked_at.is_(None)).values(looked_at=at),
        execution_options={"synchronize_session": False},
    )
