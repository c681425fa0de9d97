"""What happened to an account or to a person's links, read from the journal."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.journal import EventKind
from idp.linking.link_models import MergeEvent

_MOST = 200


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of the journal."""

    sequence: int
    at: datetime
    kind: EventKind
    actor_person: str | None
    batch_number: int | None
    link_id: int | None
    case_id: str | None
    before: str | None
    after: str | None
    reason: str | None


def of_account(session: Session, account_id: int) -> tuple[HistoryEvent, ...]:
    """Return what happened to an account, the newest first; of a long history the newest part."""
    rows = session.scalars(
        sa.select(MergeEvent)
        .where(MergeEvent.account_id == account_id)
        .order_by(MergeEvent.sequence.desc())
        .limit(_MOST)
    )
    return tuple(
        HistoryEvent(
            sequence=row.sequence,
            at=row.at,
            kind=EventKind(row.kind),
            actor_person=row.actor_person,
            batch_number=row.batch_number,
            link_id=row.link_id,
            case_id=row.case_id,
            before=row.before,
            after=row.after,
            reason=row.reason,
        )
        for row in rows
    )
