"""Carrying out a batch that a second person approved: accounts, situations, proposals and cases, chunk by chunk."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import record as audit
from idp.linking import staging
from idp.linking.account_versions import analyse_accounts, apply_rows, prepare_system
from idp.linking.batches import BatchKind, BatchRefused, BatchView, require_current
from idp.linking.import_staging import counted
from idp.linking.import_work import Stopped, Workshop
from idp.linking.journal import Change, EventKind, record
from idp.linking.matching import match_batch
from idp.linking.models import AccountSituation, LegacyAccount, StagedMatch
from idp.linking.proposing import apply_matches, suspend_gone
from idp.linking.safeguards import StopReason
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState, Situation
from idp.storage.engine import take_time

_GONE_AT_ONCE = 1_000
#: What a batch came to, as its report and its events tell it.
TOLD = ("applied", "added", "changed", "unchanged", "proposed", "cases", "suspended", "withdrawn", "gone")
_ANALYSED = ("legacy_accounts", "account_situations", "links", "merge_cases", "merge_events")


def begin_applying(shop: Workshop, batch: BatchView, system: SystemView) -> None:
    """Ask once more whether the plan is still the one that was approved; it goes back to its reviewers where not."""
    shop.require_same_file(batch)
    with shop.writing() as session:
        prepare_system(session, system.number)
    with shop.writing(batch) as session:
        try:
            require_current(session, batch)
        except BatchRefused:
            raise Stopped(StopReason.PLAN_CHANGED) from None
        # Made anew: persons enrolled, and links changed, since people looked at it.
        planned = counted(match_batch(session, batch_number=batch.number, system=system, at=shop.clock.now()))
        staging.analyse_staged(session, batch.number, StagedMatch)
        moved = _moved(batch.counters["situations"], planned["situations"])
        if moved * 100 > shop.limits.changes * batch.counters["rows"]:
            counters = {**batch.counters, **planned, "sent_back": str(StopReason.PLAN_CHANGED)}
            state, columns = BatchState.REVIEW, dict[str, Any](approved_by=None, approved_at=None)
        else:
            counters = {**batch.counters, **planned, **dict.fromkeys(TOLD, 0), "began": shop.clock.epoch()}
            state, columns = BatchState.APPLYING, dict[str, Any](position={"row": 0})
        shop.checkpoint(session, batch, counters=counters, state=state, **columns)


def apply_plan(shop: Workshop, batch: BatchView) -> None:
    """Carry out what is left of the plan, and end the batch."""
    counters, row = dict(batch.counters), int(batch.position["row"])
    while (rows := _next_rows(shop, batch, row)) is not None:
        with shop.writing() as session:
            counters = _plus(counters, _apply(session, shop, batch, rows))
            shop.checkpoint(session, batch, counters=counters, position={"row": rows.stop})
        if row == 0:
            # Of a system that is new the planner believes that it is empty, and walks all of it for each row.
            with shop.writing() as session:
                analyse_accounts(session, batch.system_number)
        row = rows.stop
    goes_on = _knows_gone(batch)
    while goes_on:
        with shop.writing() as session:
            suspended = suspend_gone(
                session, batch_number=batch.number, change=_change(shop, batch, "gone"), most=_GONE_AT_ONCE
            )
            counters = _plus(counters, {"suspended": suspended})
            shop.checkpoint(session, batch, counters=counters)
        goes_on = suspended > 0
    _finish(shop, batch, counters)


def _next_rows(shop: Workshop, batch: BatchView, row: int) -> range | None:
    """Return the next row numbers that hold a chunk of rows; None after the last."""
    page = (
        sa.select(StagedMatch.row_number)
        .where(StagedMatch.batch_number == batch.number, StagedMatch.row_number >= row)
        .order_by(StagedMatch.row_number)
        .limit(shop.chunk_rows)
        .subquery()
    )
    with shop.database.read() as session:
        take_time(session)
        first, last = session.execute(sa.select(sa.func.min(page.c.row_number), sa.func.max(page.c.row_number))).one()
    return None if first is None else range(first, last + 1)


def _apply(session: Session, shop: Workshop, batch: BatchView, rows: range) -> dict[str, int]:
    changes = apply_rows(
        session,
        system_number=batch.system_number,
        batch_number=batch.number,
        rows=rows,
        at=shop.clock.now(),
        marks_seen=batch.kind is BatchKind.FULL,
    )
    applied = apply_matches(session, batch_number=batch.number, rows=rows, change=_change(shop, batch))
    return {
        "applied": sum(changes.values()),
        **changes,
        "proposed": applied.proposed,
        "cases": applied.cases,
        "suspended": applied.suspended,
        "withdrawn": applied.withdrawn,
    }


def _finish(shop: Workshop, batch: BatchView, counters: dict[str, Any]) -> None:
    now = shop.clock.now()
    with shop.writing(batch) as session:
        if _knows_gone(batch):
            counters["gone"] = _keep_gone(session, batch)
        said = {name: counters[name] for name in TOLD}
        record(session, EventKind.BATCH_APPLIED, _change(shop, batch), system_number=batch.system_number, details=said)
        audit(session, Event.LEGACY_BATCH_APPLIED, at=now, details={"batch": batch.number, **said})
        shop.checkpoint(session, batch, counters=counters, position=None, state=BatchState.DONE, finished_at=now)
    # What follows may be cut off: rows that stay are in nobody's way, and statistics come by themselves, later.
    with shop.writing() as session:
        staging.forget_rows(session, batch.number)
    with shop.writing() as session:
        staging.analyse(session, *_ANALYSED)
    if batch.file:
        shop.uploads.forget(batch.file)


def _knows_gone(batch: BatchView) -> bool:
    """Tell whether who is not in the file is gone: whom a bad row means is not known, so with one nobody is."""
    return batch.kind is BatchKind.FULL and not batch.counters["bad"]


def _keep_gone(session: Session, batch: BatchView) -> int:
    """Remember of the accounts that the file does not have that they are gone, and return how many."""
    gone = sa.select(LegacyAccount.account_id).where(
        LegacyAccount.system_number == batch.system_number,
        LegacyAccount.valid_to.is_(None),
        LegacyAccount.seen_batch < batch.number,
    )
    session.execute(
        sa.update(AccountSituation)
        .where(AccountSituation.system_number == batch.system_number, AccountSituation.account_id.in_(gone))
        .values(situation=Situation.GONE, person_id=None, batch_number=batch.number)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(gone.subquery())) or 0


def _change(shop: Workshop, batch: BatchView, reason: str | None = None) -> Change:
    return Change(at=shop.clock.now(), actor_person=batch.approved_by, batch_number=batch.number, reason=reason)


def _plus(counters: dict[str, Any], more: dict[str, int]) -> dict[str, Any]:
    return {**counters, **{name: counters.get(name, 0) + count for name, count in more.items()}}


def _moved(before: dict[str, int], after: dict[str, int]) -> int:
    """Return how many rows at least are in another situation than before."""
    return sum(abs(before.get(each, 0) - after.get(each, 0)) for each in {*before, *after}) // 2
