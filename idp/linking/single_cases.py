"""Opening single cases, and what is known of the cases of an account; batches open theirs in sets.

What a human must decide waits in a queue: the more harm a wrong state does meanwhile, the further in front.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.linking.case_opening import WEIGHTS, Weight
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import CaseCandidate, MergeCase, MergeDecision
from idp.linking.vocabulary import CaseKind, CaseState, Verdict
from idp.storage.upsert import insert_into

#: Kinds that no batch opens, beside those of `case_opening`.
_WEIGHTS = {CaseKind.CONTESTED: Weight(10, 3, {}), CaseKind.TWO_PERSONS: Weight(15, 14, {})}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be meant; `evidence` is the weight of each field in per cent, and words of ours."""

    person_id: str
    score: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


def open_case(
    session: Session,
    kind: CaseKind,
    candidates: Sequence[Candidate],
    *,
    system_number: int | None = None,
    account_id: int | None = None,
    change: Change,
) -> str:
    """Open a case and return its id; where one of the kind is open for the account, its id with who is new in it."""
    case_id, weight = new_id(), _WEIGHTS.get(kind) or WEIGHTS[kind]
    made = session.scalar(
        insert_into(session, MergeCase)
        .values(
            id=case_id,
            kind=kind,
            state=CaseState.OPEN,
            system_number=system_number,
            account_id=account_id,
            batch_number=change.batch_number,
            priority=weight.priority,
            opened_at=change.at,
            due_at=change.at + timedelta(days=weight.days),
            version=1,
            is_audit_due=False,
        )
        .on_conflict_do_nothing()
        .returning(MergeCase.id)
    )
    if made is None:
        # Whoever decides on what it was before is told that it changed.
        case_id = session.scalars(
            sa.update(MergeCase)
            .where(MergeCase.account_id == account_id, MergeCase.kind == kind, MergeCase.state != CaseState.CLOSED)
            .values(version=MergeCase.version + 1)
            .returning(MergeCase.id)
        ).one()
    _add(session, case_id, candidates)
    if made is not None:
        record(
            session,
            EventKind.CASE_OPENED,
            change,
            system_number=system_number,
            account_id=account_id,
            case_id=case_id,
            after=CaseState.OPEN,
            details={"kind": kind},
        )
    return case_id


def open_kinds(session: Session, account_id: int) -> frozenset[CaseKind]:
    """Return what is still to be decided about an account."""
    rows = session.scalars(
        sa.select(MergeCase.kind).where(MergeCase.account_id == account_id, MergeCase.state != CaseState.CLOSED)
    )
    return frozenset(CaseKind(kind) for kind in rows)


def is_decided_for(session: Session, account_id: int, person_id: str, *, since: datetime) -> bool:
    """Tell whether two people decided since then that an account is this person's."""
    for_them = (
        sa.select(sa.func.count())
        .where(
            MergeDecision.case_id == MergeCase.id,
            MergeDecision.verdict == Verdict.LINK,
            MergeDecision.person_id == person_id,
        )
        .scalar_subquery()
    )
    latest = (
        sa.select(sa.and_(MergeCase.outcome == Verdict.LINK, for_them >= 2))
        .where(
            MergeCase.account_id == account_id,
            MergeCase.state == CaseState.CLOSED,
            MergeCase.outcome.in_((Verdict.LINK, Verdict.NO_LINK)),
            MergeCase.closed_at >= since,
        )
        # A later decision to the contrary takes an earlier one back.
        .order_by(MergeCase.closed_at.desc(), MergeCase.id)
        .limit(1)
    )
    return bool(session.scalar(latest))


def _add(session: Session, case_id: str, candidates: Sequence[Candidate]) -> None:
    for each in candidates:
        session.execute(
            insert_into(session, CaseCandidate)
            .values(case_id=case_id, person_id=each.person_id, score=each.score, evidence=dict(each.evidence))
            .on_conflict_do_nothing()
        )
