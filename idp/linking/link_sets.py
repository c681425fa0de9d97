"""Many links at once: the same changes as `links` makes, by the same table of states, in sets.

Every call changes so many at most and tells how many it was, so that a job goes on in transactions of bounded size.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.journal import Change, EventKind
from idp.linking.link_models import Link, MergeEvent, NoLink
from idp.linking.links import TRANSITIONS
from idp.linking.vocabulary import OWNING_STATES, LinkState
from idp.storage.upsert import insert_into

#: What one call changes at most, unless told otherwise.
MOST = 5_000
#: Whoever ends so says that the account is not this person's, or that it was a mistake: it is never proposed again.
MARKING = frozenset({EventKind.LINK_REJECTED, EventKind.LINK_REVOKED, EventKind.LINK_UNDONE})

# As the partial indexes spell them, or planners pass these by.
_OWNING = [sa.literal(str(each), literal_execute=True) for each in sorted(OWNING_STATES)]
_EVENT_COLUMNS = [
    "at",
    "kind",
    "actor_person",
    "batch_number",
    "system_number",
    "account_id",
    "person_id",
    "link_id",
    "before",
    "after",
    "reason",
]


def among(session: Session, column: Any, numbers: Sequence[int]) -> sa.ColumnElement[bool]:
    """Say in SQL that a column holds one of many numbers; on PostgreSQL they are one parameter."""
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(numbers)  # type: ignore[no-any-return]
    return column == sa.any_(sa.literal(list(numbers), sa.ARRAY(sa.BigInteger)))  # type: ignore[no-any-return]


def propose_all(session: Session, wanted: sa.Select[Any], change: Change) -> int:
    """Propose what `wanted` selects, which is account, person, system and situation, and return how many are new.

    Nothing is proposed that lives already, that somebody owns, or that must never be proposed again.
    """
    rows = wanted.subquery("wanted")
    owned = sa.exists().where(Link.account_id == rows.c.account_id, Link.state.in_(_OWNING))
    marked = sa.exists().where(NoLink.account_id == rows.c.account_id, NoLink.person_id == rows.c.person_id)
    made = session.scalars(
        insert_into(session, Link)
        .from_select(
            [
                "account_id",
                "person_id",
                "system_number",
                "situation",
                "state",
                "batch_number",
                "is_main",
                "proposed_at",
                "changed_at",
            ],
            sa.select(
                rows.c.account_id,
                rows.c.person_id,
                rows.c.system_number,
                rows.c.situation,
                sa.literal(str(LinkState.PROPOSED)),
                sa.literal(change.batch_number, Link.batch_number.type),
                sa.false(),
                sa.literal(change.at, Link.proposed_at.type),
                sa.literal(change.at, Link.changed_at.type),
            ).where(~owned, ~marked),
        )
        .on_conflict_do_nothing()
        .returning(Link.id)
    ).all()
    if made:
        events = _events(EventKind.LINK_PROPOSED, change, before=sa.null(), after=LinkState.PROPOSED)
        session.execute(sa.insert(MergeEvent).from_select(_EVENT_COLUMNS, events.where(among(session, Link.id, made))))
    return len(made)


def move_all(
    session: Session, kind: EventKind, change: Change, where: sa.ColumnElement[bool], *, most: int = MOST
) -> int:
    """Lead links along one transition, an event for each, and return how many; those in other states stay."""
    sources, target = TRANSITIONS[kind]
    held = (
        _events(kind, change, before=Link.state, after=target)
        .where(where, Link.state.in_(sorted(sources)))
        .order_by(Link.id)
        .limit(most)
        .with_for_update(of=Link)
    )
    moved = session.scalars(sa.insert(MergeEvent).from_select(_EVENT_COLUMNS, held).returning(MergeEvent.link_id)).all()
    if not moved:
        return 0
    these = among(session, Link.id, [each for each in moved if each is not None])
    if kind in MARKING:
        session.execute(_marks(session, kind, change, these))
    session.execute(sa.update(Link).where(these).values(state=target, changed_at=change.at))
    return len(moved)


def _events(kind: EventKind, change: Change, *, before: Any, after: LinkState) -> sa.Select[Any]:
    return sa.select(
        sa.literal(change.at, MergeEvent.at.type),
        sa.literal(str(kind)),
        sa.literal(change.actor_person, sa.String),
        sa.literal(change.batch_number, MergeEvent.batch_number.type),
        Link.system_number,
        Link.account_id,
        Link.person_id,
        Link.id,
        before,
        sa.literal(str(after)),
        sa.literal(change.reason, sa.String),
    )


def _marks(session: Session, kind: EventKind, change: Change, these: sa.ColumnElement[bool]) -> sa.Insert:
    return (
        insert_into(session, NoLink)
        .from_select(
            ["account_id", "person_id", "system_number", "reason", "by_person", "at"],
            sa.select(
                Link.account_id,
                Link.person_id,
                Link.system_number,
                sa.literal(change.reason or str(kind)),
                sa.literal(change.actor_person, sa.String),
                sa.literal(change.at, NoLink.at.type),
            ).where(these),
        )
        .on_conflict_do_nothing()
    )
