"""The life of one link: the only place that changes its state, each change with its event in the journal.

Batches propose and undo in sets of their own, by the same table of states. Whether somebody may make a change is
the caller's to decide; whether the link can take it is decided here, in the statement that makes it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.core.results import Ok, Refused
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import Link, MergeEvent, NoLink
from idp.linking.vocabulary import ENDED_STATES, OWNING_STATES, ControlKind, LinkState, Situation
from idp.storage.upsert import insert_into

#: From which states each event leads, and to which.
TRANSITIONS: dict[EventKind, tuple[frozenset[LinkState], LinkState]] = {
    EventKind.LINK_ACTIVATED: (frozenset({LinkState.PROPOSED}), LinkState.ACTIVE),
    EventKind.LINK_SUSPENDED: (frozenset({LinkState.ACTIVE}), LinkState.SUSPENDED),
    EventKind.LINK_RESUMED: (frozenset({LinkState.SUSPENDED}), LinkState.ACTIVE),
    EventKind.LINK_REJECTED: (frozenset({LinkState.PROPOSED, *OWNING_STATES}), LinkState.REJECTED),
    EventKind.LINK_EXPIRED: (frozenset({LinkState.PROPOSED}), LinkState.EXPIRED),
    EventKind.LINK_REVOKED: (OWNING_STATES, LinkState.REVOKED),
    EventKind.LINK_UNDONE: (frozenset({LinkState.PROPOSED, *OWNING_STATES}), LinkState.UNDONE),
    # The end that nobody meant for good; of the others each is restored to what it was (`restore`).
    EventKind.LINK_RESTORED: (frozenset({LinkState.EXPIRED}), LinkState.PROPOSED),
}
_LIVE = (LinkState.PROPOSED, *sorted(OWNING_STATES))


class LinkProblem(StrEnum):
    """Why a link was not made or changed."""

    NOT_THERE = "not_there"
    STATE = "state"  # it is in none of the states that lead there
    OWNED = "owned"  # the account is somebody's already
    REFUSED_BEFORE = "refused_before"  # this account was said not to be this person's
    EXISTS = "exists"  # it is proposed to this person, or theirs, already


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as it stands."""

    id: int
    system_number: int
    account_id: int
    person_id: str
    state: LinkState
    situation: Situation
    is_main: bool
    proof: ControlKind | None
    batch_number: int | None
    proposed_at: datetime
    activated_at: datetime | None
    objection_until: datetime | None


def propose(
    session: Session,
    *,
    system_number: int,
    account_id: int,
    person_id: str,
    situation: Situation,
    change: Change,
    by_claim: bool = False,
) -> Ok[int] | Refused:
    """Propose an account to a person and return the link's id, or a `LinkProblem`; it gives no access.

    `by_claim` says that the person asked for it: then what they themself said before does not stand against it.
    """
    if is_refused(session, account_id, person_id, by_others=by_claim):
        return Refused(LinkProblem.REFUSED_BEFORE)
    made = session.scalar(
        insert_into(session, Link)
        .values(
            system_number=system_number,
            account_id=account_id,
            person_id=person_id,
            state=LinkState.PROPOSED,
            situation=situation,
            batch_number=change.batch_number,
            is_main=False,
            proposed_at=change.at,
            changed_at=change.at,
        )
        .on_conflict_do_nothing()
        .returning(Link.id)
    )
    if made is None:
        return Refused(LinkProblem.EXISTS)
    record(
        session,
        EventKind.LINK_PROPOSED,
        change,
        system_number=system_number,
        account_id=account_id,
        person_id=person_id,
        link_id=made,
        after=LinkState.PROPOSED,
        details={"situation": situation},
    )
    return Ok(made)


def activate(
    session: Session,
    link_id: int,
    *,
    proof: ControlKind,
    change: Change,
    approved_by: str | None = None,
    objection_until: datetime | None = None,
) -> Ok[LinkView] | Refused:
    """Make a proposed link active; OWNED where the account is somebody's, which the database decides."""
    values = {
        "proof": proof,
        "decided_by": change.actor_person,
        "approved_by": approved_by,
        "activated_at": change.at,
        "objection_until": objection_until,
    }
    try:
        # Only this much is lost where another one owns the account: the refusal has more to record.
        with session.begin_nested():
            return _move(session, link_id, EventKind.LINK_ACTIVATED, change, **values)
    except IntegrityError:
        return Refused(LinkProblem.OWNED)


def suspend(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """Let an active link have no effect for now."""
    return _move(session, link_id, EventKind.LINK_SUSPENDED, change)


def resume(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """Make a suspended link active again."""
    return _move(session, link_id, EventKind.LINK_RESUMED, change)


def reject(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """End a link that is not this person's; it is never proposed to them again."""
    return _end(session, link_id, EventKind.LINK_REJECTED, change)


def revoke(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """End a link that was active; it is never proposed again, though they may claim the account themself."""
    return _end(session, link_id, EventKind.LINK_REVOKED, change)


def expire(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """End a proposal that nobody took up."""
    return _move(session, link_id, EventKind.LINK_EXPIRED, change)


def undo(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """Take a link back as a mistake; it is not proposed again."""
    return _end(session, link_id, EventKind.LINK_UNDONE, change)


def restore(session: Session, link_id: int, *, change: Change) -> Ok[LinkView] | Refused:
    """Take the end of a link back: it is what it was before, and its mark is gone.

    OWNED or EXISTS where somebody took its place meanwhile.
    """
    ended = find(session, link_id, hold=True)
    if ended is None:
        return Refused(LinkProblem.NOT_THERE)
    if ended.state not in ENDED_STATES:
        return Refused(LinkProblem.STATE)
    last = session.execute(
        sa.select(MergeEvent.sequence, MergeEvent.before)
        .where(MergeEvent.link_id == link_id, MergeEvent.after == ended.state)
        .order_by(MergeEvent.sequence.desc())
        .limit(1)
    ).one()
    target = LinkState(last.before)
    try:
        with session.begin_nested():
            session.execute(sa.update(Link).where(Link.id == link_id).values(state=target, changed_at=change.at))
    except IntegrityError:
        return Refused(LinkProblem.OWNED if target in OWNING_STATES else LinkProblem.EXISTS)
    session.execute(sa.delete(NoLink).where(NoLink.account_id == ended.account_id, NoLink.person_id == ended.person_id))
    record(
        session,
        EventKind.LINK_RESTORED,
        replace(change, undoes=last.sequence),
        system_number=ended.system_number,
        account_id=ended.account_id,
        person_id=ended.person_id,
        link_id=link_id,
        before=ended.state,
        after=target,
    )
    return Ok(replace(ended, state=target))


def is_refused(session: Session, account_id: int, person_id: str, *, by_others: bool = False) -> bool:
    """Tell whether it was said that an account is not this person's; `by_others` leaves out what they said themself."""
    refused = sa.select(NoLink.account_id).where(NoLink.account_id == account_id, NoLink.person_id == person_id)
    if by_others:
        refused = refused.where(NoLink.by_person.is_distinct_from(person_id))
    return session.scalar(refused) is not None


def forbid(
    session: Session, system_number: int, account_id: int, person_id: str, *, reason: str, change: Change
) -> None:
    """Mark that an account is not this person's, so that no run proposes it to them again."""
    session.execute(
        insert_into(session, NoLink)
        .values(
            account_id=account_id,
            person_id=person_id,
            system_number=system_number,
            reason=reason,
            by_person=change.actor_person,
            at=change.at,
        )
        .on_conflict_do_nothing()
    )


def choose_main(session: Session, link_id: int, person_id: str, *, change: Change) -> Ok[LinkView] | Refused:
    """Make an active link the main one of its person in its system; the one before it is so no more."""
    link = find(session, link_id, hold=True)
    if link is None or link.person_id != person_id:
        return Refused(LinkProblem.NOT_THERE)
    if link.state is not LinkState.ACTIVE:
        return Refused(LinkProblem.STATE)
    same_system = sa.and_(Link.person_id == person_id, Link.system_number == link.system_number)
    former = session.scalar(
        sa.update(Link).where(same_system, Link.is_main, Link.id != link_id).values(is_main=False).returning(Link.id)
    )
    row = session.scalars(
        sa.update(Link).where(Link.id == link_id).values(is_main=True).returning(Link),
        execution_options={"populate_existing": True},
    ).one()
    if not link.is_main:
        record(
            session,
            EventKind.MAIN_CHOSEN,
            change,
            system_number=link.system_number,
            account_id=link.account_id,
            person_id=person_id,
            link_id=link_id,
            details={"instead_of": former},
        )
    return Ok(view(row))


def find(session: Session, link_id: int, *, hold: bool = False) -> LinkView | None:
    """Return a link as it stands; `hold` lets nobody else change it until the transaction ends."""
    statement = sa.select(Link).where(Link.id == link_id).execution_options(populate_existing=True)
    row = session.scalar(statement.with_for_update() if hold else statement)
    return None if row is None else view(row)


def of_person(session: Session, person_id: str, *, states: tuple[LinkState, ...] = _LIVE) -> tuple[LinkView, ...]:
    """Return the links of a person in these states, the oldest first; without others, those that live."""
    rows = session.scalars(sa.select(Link).where(Link.person_id == person_id, Link.state.in_(states)).order_by(Link.id))
    return tuple(view(row) for row in rows)


def of_account(session: Session, account_id: int, *, states: tuple[LinkState, ...] = _LIVE) -> tuple[LinkView, ...]:
    """Return the links of an account in these states, the oldest first."""
    rows = session.scalars(
        sa.select(Link).where(Link.account_id == account_id, Link.state.in_(states)).order_by(Link.id)
    )
    return tuple(view(row) for row in rows)


def view(row: Link) -> LinkView:
    """Return a row as what others read of it."""
    return LinkView(
        id=row.id,
        system_number=row.system_number,
        account_id=row.account_id,
        person_id=row.person_id,
        state=LinkState(row.state),
        situation=Situation(row.situation),
        is_main=row.is_main,
        proof=None if row.proof is None else ControlKind(row.proof),
        batch_number=row.batch_number,
        proposed_at=row.proposed_at,
        activated_at=row.activated_at,
        objection_until=row.objection_until,
    )


def _end(session: Session, link_id: int, kind: EventKind, change: Change) -> Ok[LinkView] | Refused:
    """End a link and leave the mark that keeps every later run from proposing it again."""
    ended = _move(session, link_id, kind, change)
    if isinstance(ended, Ok):
        link = ended.value
        reason = change.reason or str(kind)
        forbid(session, link.system_number, link.account_id, link.person_id, reason=reason, change=change)
    return ended


def _move(session: Session, link_id: int, kind: EventKind, change: Change, **values: object) -> Ok[LinkView] | Refused:
    sources, target = TRANSITIONS[kind]
    before = find(session, link_id, hold=True)
    if before is None:
        return Refused(LinkProblem.NOT_THERE)
    if before.state not in sources:
        return Refused(LinkProblem.STATE)
    row = session.scalars(
        sa.update(Link)
        .where(Link.id == link_id, Link.state == before.state)
        .values(state=target, changed_at=change.at, **values)
        .returning(Link),
        execution_options={"populate_existing": True},
    ).one()
    record(
        session,
        kind,
        change,
        system_number=row.system_number,
        account_id=row.account_id,
        person_id=row.person_id,
        link_id=link_id,
        before=before.state,
        after=target,
    )
    return Ok(view(row))
