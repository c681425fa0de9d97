"""The journal of merging: every change of a link, a case, a person or a batch, in the transaction that makes it.

Rows are only ever added. The state of links and cases is what their events say, one after another, so that it can
be made anew and compared (`idp legacy verify`); an undo is an event more.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.link_models import MergeEvent


class EventKind(StrEnum):
    """What changed; `before` and `after` of a link's or case's event are its states."""

    LINK_PROPOSED = "link.proposed"
    LINK_ACTIVATED = "link.activated"
    LINK_SUSPENDED = "link.suspended"
    LINK_RESUMED = "link.resumed"
    LINK_REJECTED = "link.rejected"
    LINK_EXPIRED = "link.expired"
    LINK_REVOKED = "link.revoked"
    LINK_UNDONE = "link.undone"
    LINK_RESTORED = "link.restored"  # the undo of an undo or of an end
    LINK_MOVED = "link.moved"  # to the survivor of two persons that are one, or back
    MAIN_CHOSEN = "link.main_chosen"
    ACCOUNT_ADDED = "account.added"  # counted per batch, not a row for each
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_GONE = "account.gone"
    CASE_OPENED = "case.opened"
    CASE_DECIDED = "case.decided"
    CASE_CLOSED = "case.closed"
    CASE_REOPENED = "case.reopened"
    PERSONS_MERGED = "persons.merged"
    PERSONS_SEPARATED = "persons.separated"
    BATCH_APPLIED = "batch.applied"
    BATCH_UNDONE = "batch.undone"


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes something, when, and why; the batch where one does."""

    at: datetime
    actor_person: str | None = None
    batch_number: int | None = None
    reason: str | None = None
    undoes: int | None = None


def record(
    session: Session,
    kind: EventKind,
    change: Change,
    *,
    system_number: int | None = None,
    account_id: int | None = None,
    person_id: str | None = None,
    link_id: int | None = None,
    case_id: str | None = None,
    before: str | None = None,
    after: str | None = None,
    details: dict[str, Any] | None = None,
) -> int:
    """Append one event and return its sequence; `details` holds ids and words of ours, never personal data."""
    sequence = session.scalar(
        sa.insert(MergeEvent)
        .values(
            at=change.at,
            kind=kind,
            actor_person=change.actor_person,
            batch_number=change.batch_number,
            system_number=system_number,
            account_id=account_id,
            person_id=person_id,
            link_id=link_id,
            case_id=case_id,
            before=before,
            after=after,
            reason=change.reason,
            undoes=change.undoes,
            details=details,
        )
        .returning(MergeEvent.sequence)
    )
    assert sequence is not None  # noqa: S101 - the statement returns one row
    return int(sequence)
