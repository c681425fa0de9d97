"""Taking a batch back: everything of it that nobody touched since, in chunks, and a list of what stays and why.

An undo is an event more, never a deletion. Proposals end and are never made again, suspensions and withdrawals are
taken back, untouched cases close, changed accounts are again as they were. Accounts that the batch added stay: they
are what the source said; nothing is found for them until a later batch brings them again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from idp.audit.events import Event
from idp.audit.log import Origin
from idp.audit.log import record as audit
from idp.core.results import Ok, Refused
from idp.linking.case_sets import close_untouched
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import Link, MergeCase, MergeEvent
from idp.linking.link_sets import MOST, move_all
from idp.linking.models import AccountSituation, ImportBatch, LegacyAccount
from idp.linking.proposing import hold_system
from idp.linking.rematching import match_again
from idp.linking.systems import system_by_number
from idp.linking.vocabulary import BatchState, CaseState, LinkState
from idp.storage.engine import take_time

#: Above this many links one person alone takes nothing back.
ALONE_UP_TO = 100
# Of one that is being applied the chunk at hand ends first, and no other begins (`proposing.BatchTakenBack`).
_UNDOABLE = frozenset({BatchState.DONE, BatchState.STOPPED, BatchState.APPLYING})


class UndoProblem(StrEnum):
    """Why nothing is taken back."""

    NOT_THERE = "not_there"
    STATE = "state"  # the batch is at work, or changed nothing yet, or was taken back before
    NOT_ASKED = "not_asked"
    SAME_PERSON = "same_person"  # the second person must be another one


class Step(StrEnum):
    """The steps of an undo, in this order; each may be repeated after any end."""

    LINKS = "links"
    SUSPENSIONS = "suspensions"
    WITHDRAWALS = "withdrawals"
    CASES = "cases"
    VERSIONS = "versions"
    SITUATIONS = "situations"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether the undo may begin, or waits for a second person."""

    links: int
    needs_second: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that stays as it is, because somebody changed it since: its state says what they did."""

    link_id: int | None
    case_id: str | None
    state: str


def ask(session: Session, batch_number: int, *, by: str, change: Change, origin: Origin) -> Ok[Asked] | Refused:
    """Ask for a batch to be taken back; a small one begins at once."""
    batch = _hold(session, batch_number)
    if batch is None:
        return Refused(UndoProblem.NOT_THERE)
    if batch.state not in _UNDOABLE or batch.undo_asked_by is not None:
        return Refused(UndoProblem.STATE)
    links = _count_links(session, batch_number)
    needs_second = links > ALONE_UP_TO
    batch.undo_asked_by = by
    if not needs_second:
        batch.state = BatchState.UNDOING
    details = {"batch": batch_number, "links": links, "needs_second": needs_second}
    audit(session, Event.LEGACY_UNDO_ASKED, at=change.at, origin=origin, details=details)
    return Ok(Asked(links, needs_second))


def approve(session: Session, batch_number: int, *, by: str, change: Change, origin: Origin) -> Ok[None] | Refused:
    """Let an undo begin that somebody else asked for."""
    batch = _hold(session, batch_number)
    if batch is None:
        return Refused(UndoProblem.NOT_THERE)
    if batch.state not in _UNDOABLE:
        return Refused(UndoProblem.STATE)
    if batch.undo_asked_by is None:
        return Refused(UndoProblem.NOT_ASKED)
    if batch.undo_asked_by == by:
        return Refused(UndoProblem.SAME_PERSON)
    batch.undo_approved_by = by
    batch.state = BatchState.UNDOING
    audit(session, Event.LEGACY_UNDO_APPROVED, at=change.at, origin=origin, details={"batch": batch_number})
    return Ok(None)


def carry_on(session: Session, batch_number: int, *, change: Change, most: int = MOST) -> Step | None:
    """Take back up to so many things in the caller's transaction; return the step it is at, None at the end.

    For a worker, which calls it again and again, each time in a transaction of its own; a kill loses one at most.
    """
    take_time(session)
    batch = _hold(session, batch_number)
    if batch is None or batch.state != BatchState.UNDOING:
        return None
    change = replace(change, batch_number=batch_number, actor_person=batch.undo_asked_by, reason="batch_undone")
    steps: Mapping[Step, Callable[[], int]] = {
        Step.LINKS: lambda: move_all(session, EventKind.LINK_UNDONE, change, _proposed(batch_number), most=most),
        Step.SUSPENSIONS: lambda: move_all(
            session, EventKind.LINK_RESUMED, change, _untouched(batch_number, EventKind.LINK_SUSPENDED), most=most
        ),
        Step.WITHDRAWALS: lambda: move_all(
            session,
            EventKind.LINK_RESTORED,
            change,
            sa.and_(_untouched(batch_number, EventKind.LINK_EXPIRED), _is_free()),
            most=most,
        ),
        Step.CASES: lambda: close_untouched(session, MergeCase.batch_number == batch_number, change, most=most),
        Step.VERSIONS: lambda: _reopen_versions(session, batch, change, most),
        Step.SITUATIONS: lambda: _forget_situations(session, batch, change, most),
    }
    for step, take_back in steps.items():
        done = take_back()
        if done:
            batch.counters = _counted(batch.counters, step, done)
            return step
    _finish(session, batch, change)
    return None


def kept(session: Session, batch_number: int, *, most: int = 1_000) -> tuple[Kept, ...]:
    """Return what stays of a batch that was taken back, and the state that somebody since gave it."""
    stays = (LinkState.UNDONE,)
    links = session.execute(
        sa.select(Link.id, Link.state)
        .where(Link.batch_number == batch_number, Link.state.not_in(stays))
        .order_by(Link.id)
        .limit(most)
    )
    cases = session.execute(
        sa.select(MergeCase.id, MergeCase.state, MergeCase.outcome)
        .where(
            MergeCase.batch_number == batch_number,
            MergeCase.outcome.is_distinct_from("undone"),
        )
        .order_by(MergeCase.opened_at, MergeCase.id)
        .limit(most)
    )
    return (
        *(Kept(row.id, None, row.state) for row in links),
        *(Kept(None, row.id, row.outcome or row.state) for row in cases),
    )


def waiting_undos(session: Session) -> tuple[int, ...]:
    """Return the batches that a worker has to take back."""
    return tuple(
        session.scalars(
            sa.select(ImportBatch.number).where(ImportBatch.state == BatchState.UNDOING).order_by(ImportBatch.number)
        )
    )


def _hold(session: Session, batch_number: int) -> ImportBatch | None:
    number = session.scalar(sa.select(ImportBatch.system_number).where(ImportBatch.number == batch_number))
    if number is None:
        return None
    # Whoever applies a chunk of it just now ends first, and finds the state that is set here afterwards.
    hold_system(session, number)
    return session.scalar(
        sa.select(ImportBatch)
        .where(ImportBatch.number == batch_number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _count_links(session: Session, batch_number: int) -> int:
    statement = sa.select(sa.func.count()).select_from(Link).where(Link.batch_number == batch_number)
    return session.scalar(statement) or 0


def _proposed(batch_number: int) -> sa.ColumnElement[bool]:
    return sa.and_(Link.batch_number == batch_number, Link.state == LinkState.PROPOSED)


def _untouched(batch_number: int, kind: EventKind) -> sa.ColumnElement[bool]:
    """Say in SQL that a change by the batch is the last thing that happened to a link."""
    later = aliased(MergeEvent)
    is_last = ~sa.exists().where(later.link_id == MergeEvent.link_id, later.sequence > MergeEvent.sequence)
    return Link.id.in_(
        sa.select(MergeEvent.link_id).where(MergeEvent.batch_number == batch_number, MergeEvent.kind == kind, is_last)
    )


def _is_free() -> sa.ColumnElement[bool]:
    """Say in SQL that no other link of the account to the person lives."""
    other = aliased(Link)
    return ~sa.exists().where(
        other.account_id == Link.account_id,
        other.person_id == Link.person_id,
        other.state.in_([LinkState.PROPOSED, LinkState.ACTIVE, LinkState.SUSPENDED]),
    )


def _reopen_versions(session: Session, batch: ImportBatch, change: Change, most: int) -> int:
    """End the versions that the batch wrote of accounts that were here before, and open those before them."""
    rows = session.execute(
        sa.select(LegacyAccount.account_id, LegacyAccount.version)
        .where(
            LegacyAccount.system_number == batch.system_number,
            LegacyAccount.batch_number == batch.number,
            LegacyAccount.version > 1,
            LegacyAccount.valid_to.is_(None),
            LegacyAccount.migrated_at.is_(None),
        )
        .limit(most)
    ).all()
    pairs: list[tuple[int, int]] = [(row.account_id, row.version) for row in rows]
    _set_end(session, batch.system_number, pairs, change.at)
    _set_end(session, batch.system_number, [(account, version - 1) for account, version in pairs], None)
    return len(rows)


def _set_end(session: Session, system_number: int, versions: list[tuple[int, int]], at: Any) -> None:
    if not versions:
        return
    table = LegacyAccount.__table__
    session.connection().execute(
        sa.update(table)  # type: ignore[arg-type]
        .where(
            table.c.system_number == system_number,
            table.c.account_id == sa.bindparam("of_account"),
            table.c.version == sa.bindparam("of_version"),
        )
        .values(valid_to=sa.literal(at, LegacyAccount.valid_to.type)),
        [{"of_account": account, "of_version": version} for account, version in versions],
    )


def _forget_situations(session: Session, batch: ImportBatch, change: Change, most: int) -> int:
    """Forget what the batch found, and find anew what accounts are that earlier ones brought."""
    accounts = session.scalars(
        sa.select(AccountSituation.account_id)
        .where(AccountSituation.system_number == batch.system_number, AccountSituation.batch_number == batch.number)
        .limit(most)
    ).all()
    if not accounts:
        return 0
    of_these = sa.and_(AccountSituation.system_number == batch.system_number, AccountSituation.account_id.in_(accounts))
    earlier = session.scalars(
        sa.select(LegacyAccount.account_id).where(
            LegacyAccount.system_number == batch.system_number,
            LegacyAccount.account_id.in_(accounts),
            LegacyAccount.batch_number < batch.number,
        )
    ).all()
    session.execute(sa.delete(AccountSituation).where(of_these, AccountSituation.account_id.not_in(earlier)))
    session.execute(sa.update(AccountSituation).where(of_these).values(batch_number=None))
    system = system_by_number(session, batch.system_number)
    if earlier and system is not None:
        match_again(session, system, sorted(set(earlier)), replace(change, batch_number=None))
    return len(accounts)


def _counted(counters: Mapping[str, Any], step: Step, done: int) -> dict[str, Any]:
    undone = dict(counters.get("undone", {}))
    undone[step] = undone.get(step, 0) + done
    return {**counters, "undone": undone}


def _finish(session: Session, batch: ImportBatch, change: Change) -> None:
    statement = sa.select(sa.func.count()).where(Link.batch_number == batch.number, Link.state != LinkState.UNDONE)
    open_cases = sa.select(sa.func.count()).where(
        MergeCase.batch_number == batch.number, MergeCase.state != CaseState.CLOSED
    )
    details = {
        **dict(batch.counters.get("undone", {})),
        "links_kept": session.scalar(statement) or 0,
        "cases_kept": session.scalar(open_cases) or 0,
    }
    batch.state, batch.finished_at = BatchState.UNDONE, change.at
    batch.counters = {**batch.counters, "undone": details}
    record(session, EventKind.BATCH_UNDONE, change, system_number=batch.system_number, details=details)
    audit(session, Event.LEGACY_UNDONE, at=change.at, details={"batch": batch.number, **details})
