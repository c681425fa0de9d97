"""What changed about a system's accounts, in an order that never changes: the feed of the mapping API.

It follows the seals of the journal: a sequence number is no cursor, because a lower one may be committed later than
a higher one was read; an event that is sealed has its place for ever, and none comes in before it. So a change is
told once it is sealed, which a worker does within a minute.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.crypto.keyring import Keyring
from idp.linking.contents import open_row
from idp.linking.journal import EventKind
from idp.linking.link_models import MergeEvent
from idp.linking.models import LegacyAccount
from idp.linking.vocabulary import OWNING_STATES, LinkState
from idp.storage.engine import Database
from idp.tokens.models import Subject
from idp.tokens.subjects import subject_of


class ChangeKind(StrEnum):
    """What a system is told of one of its accounts."""

    LINKED = "linked"  # it is this person's from now on
    SUSPENDED = "suspended"  # it is nobody's until somebody looked at it
    RESUMED = "resumed"
    UNLINKED = "unlinked"
    NOT_THEIRS = "not_theirs"  # whom the account names says that it is not theirs


_OWNING = frozenset(str(each) for each in OWNING_STATES)
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,9})")
#: Events that may be told; of proposals, the most by far, a system learns nothing.
TOLD = (
    EventKind.LINK_ACTIVATED,
    EventKind.LINK_SUSPENDED,
    EventKind.LINK_RESUMED,
    EventKind.LINK_REJECTED,
    EventKind.LINK_REVOKED,
    EventKind.LINK_UNDONE,
    EventKind.LINK_RESTORED,
    EventKind.LINK_MOVED,
)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the sealed journal: everything up to it was told."""

    position: int = 0
    leaf: int = 0

    def __str__(self) -> str:
        return f"{self.position}.{self.leaf}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Return the cursor that a text is, None where it is none."""
        found = _CURSOR.fullmatch(text)
        return None if found is None else cls(int(found[1]), int(found[2]))


#: Before the first event.
BEGINNING = Cursor()


@dataclass(frozen=True, slots=True)
class MappingChange:
    """One change of one account; `sub` is None for NOT_THEIRS, and where the sector does not know the person yet."""

    kind: ChangeKind
    reference: str = field(repr=False)
    person_id: str
    sub: str | None
    at: datetime

    @property
    def names_person(self) -> bool:
        """Whether the system is told of whom; of who is not their user it learns nothing."""
        return self.kind is not ChangeKind.NOT_THEIRS


@dataclass(frozen=True, slots=True)
class News:
    """What came after a cursor, where to go on, and whether there is more."""

    changes: tuple[MappingChange, ...]
    cursor: Cursor
    more: bool


class ChangeFeed:
    """Reads the feed of one system."""

    def __init__(self, *, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    def after(self, system_number: int, sector: str, cursor: Cursor, *, limit: int) -> News:
        """Return what came after the cursor, from at most `limit` events of the journal.

        Fewer changes may be told where an event is nothing to the system; the cursor moves past it.
        """
        with self._database.read() as session:
            rows = session.execute(_events(system_number, sector, cursor, limit)).all()
            last = Cursor(rows[-1].seal_position, rows[-1].seal_leaf) if rows else cursor
            more = len(rows) == limit and self.has_news(session, system_number, last)
        changes = [change for row in rows if (change := self._change(row)) is not None]
        unnamed = {each.person_id for each in changes if each.sub is None and each.names_person}
        named = name_persons(self._database, unnamed, sector, at=self._clock.now())
        told = (replace(each, sub=named.get(each.person_id)) if each.sub is None else each for each in changes)
        return News(tuple(told), last, more)

    def has_news(self, session: Session, system_number: int, cursor: Cursor) -> bool:
        """Tell whether anything stands after the cursor."""
        found = _of_system(sa.select(MergeEvent.sequence), system_number, cursor).limit(1)
        return session.execute(found).first() is not None

    def _change(self, row: Any) -> MappingChange | None:
        """Return what an event is to the system, None where it is nothing."""
        kind = _told_as(row.kind, row.before, row.after)
        if kind is None or row.content is None:
            return None
        reference = open_row(self._keyring, row.batch_number, row.row_number, row.content).reference
        sub = None if kind is ChangeKind.NOT_THEIRS else row.sub
        return MappingChange(kind, reference, row.person_id, sub, row.at)


def name_persons(database: Database, person_ids: set[str], sector: str, *, at: datetime) -> dict[str, str]:
    """Give persons whom the sector did not know yet their `sub`: the link is what makes them known to it."""
    if not person_ids:
        return {}
    with database.transaction() as session:
        return {each: subject_of(session, each, sector, at) for each in sorted(person_ids)}


def _events(system_number: int, sector: str, cursor: Cursor, limit: int) -> sa.Select[Any]:
    present = sa.and_(
        LegacyAccount.system_number == MergeEvent.system_number,
        LegacyAccount.account_id == MergeEvent.account_id,
        LegacyAccount.valid_to.is_(None),
    )
    known = sa.and_(Subject.person_id == MergeEvent.person_id, Subject.sector == sector, Subject.is_primary)
    columns: tuple[sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any], ...] = (
        MergeEvent.kind,
        MergeEvent.before,
        MergeEvent.after,
        MergeEvent.at,
        MergeEvent.person_id,
        MergeEvent.seal_position,
        MergeEvent.seal_leaf,
        LegacyAccount.batch_number,
        LegacyAccount.row_number,
        LegacyAccount.content,
        Subject.sub,
    )
    return (
        _of_system(sa.select(*columns), system_number, cursor)
        .select_from(MergeEvent)
        .outerjoin(LegacyAccount, present)
        .outerjoin(Subject, known)
        .order_by(MergeEvent.seal_position, MergeEvent.seal_leaf)
        .limit(limit)
    )


def _of_system(statement: sa.Select[Any], system_number: int, cursor: Cursor) -> sa.Select[Any]:
    return statement.where(
        MergeEvent.system_number == system_number,
        MergeEvent.kind.in_([sa.literal_column(f"'{kind}'") for kind in TOLD]),
        MergeEvent.seal_position.is_not(None),
        sa.tuple_(MergeEvent.seal_position, MergeEvent.seal_leaf) > (cursor.position, cursor.leaf),
    )


def _told_as(kind: str, before: str | None, after: str | None) -> ChangeKind | None:
    """Say what a change of state is to the system; by the states, so that an undo is told like any other way there."""
    if kind == EventKind.LINK_REJECTED and before == LinkState.PROPOSED:
        return ChangeKind.NOT_THEIRS
    if after == LinkState.ACTIVE:
        return ChangeKind.RESUMED if before == LinkState.SUSPENDED else ChangeKind.LINKED
    if before in _OWNING:
        return ChangeKind.SUSPENDED if after == LinkState.SUSPENDED else ChangeKind.UNLINKED
    return None
