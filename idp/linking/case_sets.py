"""Many cases at once: closing those that nobody looked at, when what opened them is taken back."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.journal import Change, EventKind
from idp.linking.link_models import MergeCase, MergeDecision, MergeEvent
from idp.linking.vocabulary import CaseState

#: The outcome of a case whose reason to be was taken back.
UNDONE = "undone"


def close_untouched(session: Session, where: sa.ColumnElement[bool], change: Change, *, most: int) -> int:
    """Close open cases that nobody decided anything in, an event for each, and return how many."""
    is_decided = sa.exists().where(MergeDecision.case_id == MergeCase.id)
    columns: tuple[Any, ...] = (MergeCase.id, MergeCase.system_number, MergeCase.account_id)
    cases = session.execute(
        sa.select(*columns)
        .where(where, MergeCase.state == CaseState.OPEN, ~is_decided)
        .order_by(MergeCase.opened_at, MergeCase.id)
        .limit(most)
        .with_for_update(of=MergeCase)
    ).all()
    if not cases:
        return 0
    session.execute(
        sa.update(MergeCase)
        .where(MergeCase.id.in_([case.id for case in cases]))
        .values(
            state=CaseState.CLOSED,
            closed_at=change.at,
            outcome=UNDONE,
            assigned_to=None,
            assigned_until=None,
            version=MergeCase.version + 1,
        )
    )
    session.execute(
        sa.insert(MergeEvent),
        [
            {
                "at": change.at,
                "kind": EventKind.CASE_CLOSED,
                "actor_person": change.actor_person,
                "batch_number": change.batch_number,
                "system_number": case.system_number,
                "account_id": case.account_id,
                "case_id": case.id,
                "before": CaseState.OPEN,
                "after": CaseState.CLOSED,
                "reason": change.reason,
            }
            for case in cases
        ],
    )
    return len(cases)
