"""The state of every link and case, made anew from the journal, and compared with what the tables say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.journal import EventKind
from idp.linking.link_models import Link, MergeCase, MergeEvent
from idp.storage.engine import Database, take_time

_PAGE = 10_000
#: Events that tell more about a link than its state: they change nothing here.
_STATELESS = (EventKind.LINK_MOVED, EventKind.MAIN_CHOSEN)


@dataclass(frozen=True, slots=True)
class Difference:
    """A link or case that is not what its events say; `told` is None where they say nothing of it."""

    table: str
    id: str
    stands: str | None
    told: str | None


def differences(database: Database) -> Iterator[Difference]:
    """Yield every difference, links first; a journal that is whole (`idp legacy verify`) is right."""
    for model, own, name in ((Link, MergeEvent.link_id, "links"), (MergeCase, MergeEvent.case_id, "merge_cases")):
        after: Any = 0 if name == "links" else ""
        while True:
            with database.read() as session:
                take_time(session)
                page = session.execute(_page(model, own, after)).all()
            for row in page:
                if row.told != row.stands:
                    yield Difference(name, str(row.id), row.stands, row.told)
            if len(page) < _PAGE:
                break
            after = page[-1].id
        with database.read() as session:
            take_time(session)
            yield from _lost(session, model, own, name)


def _page(model: Any, own: Any, after: Any) -> sa.Select[Any]:
    """Select rows with the last state that an event gave them."""
    last = (
        sa.select(MergeEvent.after)
        .where(own == model.id, MergeEvent.after.is_not(None), MergeEvent.kind.not_in(_STATELESS))
        .order_by(MergeEvent.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (model.id, model.state.label("stands"), last.label("told"))
    return sa.select(*columns).where(model.id > after).order_by(model.id).limit(_PAGE)


def _lost(session: Session, model: Any, own: Any, name: str) -> Iterator[Difference]:
    """Yield what events speak of and no row holds."""
    is_there = sa.exists().where(model.id == own)
    for found in session.scalars(sa.select(own).where(own.is_not(None), ~is_there).distinct().limit(_PAGE)):
        yield Difference(name, str(found), None, "some")
