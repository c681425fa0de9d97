"""Carrying out the plan of a batch that a second person approved: proposals, cases and suspensions, and no more.

A proposal has no effect on anything until the person proves the account to be theirs; there is no way from here to
an active link.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.errors import IdpError
from idp.linking import case_opening
from idp.linking.journal import Change, EventKind
from idp.linking.link_models import Link, MatchKey, MergeCase
from idp.linking.link_sets import move_all, propose_all
from idp.linking.matching import CHANGED, UNCHANGED
from idp.linking.models import AccountSituation, ImportBatch, LegacyAccount, StagedMatch, StagedRow
from idp.linking.vocabulary import Action, BatchState, CaseKind, CaseState, LinkState, Situation
from idp.storage.engine import take_time
from idp.storage.locks import wait_for_lock
from idp.storage.upsert import insert_into

_WAIT = "60s"


class BatchTakenBack(IdpError):
    """The batch is being undone, or was: it is not applied any further."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was made of a range of rows."""

    proposed: int
    cases: int
    suspended: int
    withdrawn: int


def apply_matches(session: Session, *, batch_number: int, rows: range, change: Change) -> Applied:
    """Carry out the plan for a range of row numbers; what was carried out already changes nothing.

    Their accounts are there already. Raises BatchTakenBack.
    """
    take_time(session)
    system_number = _hold_batch(session, batch_number)
    change = replace(change, batch_number=batch_number)
    chunk = sa.and_(
        StagedMatch.batch_number == batch_number,
        StagedMatch.row_number >= rows.start,
        StagedMatch.row_number < rows.stop,
    )
    actions, changes = _kinds(session, chunk)
    _keep_situations(session, chunk, system_number)
    withdrawn = _withdraw(session, chunk, change) if CHANGED in changes else 0
    suspended = _suspend(session, chunk, change) if Action.SUSPEND in actions else 0
    proposed = propose_all(session, _wanted_links(chunk, system_number), change) if Action.PROPOSE in actions else 0
    cases = _open_cases(session, chunk, system_number, change) if Action.OPEN_CASE in actions else 0
    return Applied(proposed, cases, suspended, withdrawn)


def suspend_gone(session: Session, *, batch_number: int, change: Change, most: int) -> int:
    """Suspend active links to accounts that a full file no longer has, and return how many; zero is the end.

    Raises BatchTakenBack.
    """
    take_time(session)
    system_number = _hold_batch(session, batch_number)
    is_gone = sa.exists().where(
        LegacyAccount.system_number == system_number,
        LegacyAccount.account_id == Link.account_id,
        LegacyAccount.valid_to.is_(None),
        LegacyAccount.seen_batch < batch_number,
    )
    change = replace(change, batch_number=batch_number)
    gone = sa.and_(Link.system_number == system_number, is_gone)
    return move_all(session, EventKind.LINK_SUSPENDED, change, gone, most=most)


def hold_system(session: Session, system_number: int) -> None:
    """Let nobody else propose to, match or undo links of a system until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
    wait_for_lock(session, f"legacy links {system_number}")


def _hold_batch(session: Session, batch_number: int) -> int:
    """Hold the batch's system and return its number; raises BatchTakenBack."""
    number = session.scalars(sa.select(ImportBatch.system_number).where(ImportBatch.number == batch_number)).one()
    hold_system(session, number)
    # Read once the lock is held: an undo says so before it lets go of it.
    state = session.scalars(sa.select(ImportBatch.state).where(ImportBatch.number == batch_number)).one()
    if state in (BatchState.UNDOING, BatchState.UNDONE):
        raise BatchTakenBack(f"batch {batch_number} is being undone")
    return number


def _kinds(session: Session, chunk: sa.ColumnElement[bool]) -> tuple[set[str], set[str]]:
    """Return which actions and changes there are in the chunk: nothing is looked for that is not there."""
    rows = session.execute(sa.select(StagedMatch.action, StagedMatch.change).where(chunk).distinct()).all()
    return {row.action for row in rows}, {row.change for row in rows}


def _keep_situations(session: Session, chunk: sa.ColumnElement[bool], system_number: int) -> None:
    insert = insert_into(session, AccountSituation).from_select(
        ["system_number", "account_id", "situation", "person_id", "batch_number"],
        sa.select(
            sa.literal(system_number),
            StagedMatch.account_id,
            StagedMatch.situation,
            StagedMatch.person_id,
            StagedMatch.batch_number,
        ).where(chunk),
    )
    told = {name: insert.excluded[name] for name in ("situation", "person_id", "batch_number")}
    session.execute(insert.on_conflict_do_update(index_elements=["system_number", "account_id"], set_=told))


def _wanted_links(chunk: sa.ColumnElement[bool], system_number: int) -> sa.Select[Any]:
    # What nobody took up in its time is not proposed again until the source says something new.
    was_let_go = sa.exists().where(
        StagedMatch.change == UNCHANGED,
        Link.account_id == StagedMatch.account_id,
        Link.person_id == StagedMatch.person_id,
        Link.state == LinkState.EXPIRED,
    )
    system = sa.literal(system_number).label("system_number")
    columns: tuple[Any, ...] = (StagedMatch.account_id, StagedMatch.person_id, system, StagedMatch.situation)
    return sa.select(*columns).where(
        chunk,
        StagedMatch.action == Action.PROPOSE,
        StagedMatch.person_id.is_not(None),
        ~was_let_go,
    )


def _withdraw(session: Session, chunk: sa.ColumnElement[bool], change: Change) -> int:
    """End proposals that rows which changed no longer bear out; they may be proposed again."""
    no_longer = sa.select(StagedMatch.account_id).where(
        chunk,
        StagedMatch.change == CHANGED,
        sa.or_(StagedMatch.action != Action.PROPOSE, StagedMatch.person_id != Link.person_id),
        StagedMatch.account_id == Link.account_id,
    )
    where = sa.and_(Link.account_id.in_(_accounts(chunk, StagedMatch.change == CHANGED)), no_longer.exists())
    return _drain(session, EventKind.LINK_EXPIRED, replace(change, reason="source_changed"), where)


def _suspend(session: Session, chunk: sa.ColumnElement[bool], change: Change) -> int:
    where = Link.account_id.in_(_accounts(chunk, StagedMatch.action == Action.SUSPEND))
    return _drain(session, EventKind.LINK_SUSPENDED, replace(change, reason="source_changed"), where)


def _accounts(chunk: sa.ColumnElement[bool], which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(StagedMatch.account_id).where(chunk, which)


def _drain(session: Session, kind: EventKind, change: Change, where: sa.ColumnElement[bool]) -> int:
    total = 0
    while moved := move_all(session, kind, change, where):
        total += moved
    return total


def _open_cases(session: Session, chunk: sa.ColumnElement[bool], system_number: int, change: Change) -> int:
    kind = sa.case(*((StagedMatch.situation == situation, str(kind)) for situation, kind in case_opening.KINDS.items()))
    # Open already, or decided about the same row: then there is nothing new to decide.
    known = sa.exists().where(
        MergeCase.account_id == StagedMatch.account_id,
        MergeCase.kind == kind,
        sa.or_(MergeCase.state != CaseState.CLOSED, StagedMatch.change == UNCHANGED),
    )
    rows = session.execute(
        sa.select(StagedMatch.row_number, StagedMatch.account_id, kind.label("kind"), StagedMatch.person_id)
        .where(chunk, StagedMatch.action == Action.OPEN_CASE, kind.is_not(None), ~known)
        .order_by(StagedMatch.row_number)
    ).all()
    several = _several(session, chunk) if any(row.person_id is None for row in rows) else {}
    wanted = [
        case_opening.Wanted(
            CaseKind(row.kind),
            system_number,
            row.account_id,
            (row.person_id,) if row.person_id is not None else several.get(row.row_number, ()),
        )
        for row in rows
    ]
    return case_opening.open_all(session, wanted, change) if wanted else 0


def _several(session: Session, chunk: sa.ColumnElement[bool]) -> dict[int, tuple[str, ...]]:
    """Return everybody who has the number of a row that means more than one person."""
    found = session.execute(
        sa.select(StagedMatch.row_number, MatchKey.person_id)
        .join(
            StagedRow,
            sa.and_(StagedRow.batch_number == StagedMatch.batch_number, StagedRow.row_number == StagedMatch.row_number),
        )
        .join(MatchKey, MatchKey.number_index == StagedRow.number_index)
        .where(
            chunk,
            StagedMatch.person_id.is_(None),
            StagedMatch.situation.in_([Situation.AMBIGUOUS, Situation.DISPUTED]),
        )
        .distinct()
        .order_by(StagedMatch.row_number, MatchKey.person_id)
    )
    persons: dict[int, list[str]] = defaultdict(list)
    for row_number, person_id in found:
        persons[row_number].append(person_id)
    return {row_number: tuple(each) for row_number, each in persons.items()}
