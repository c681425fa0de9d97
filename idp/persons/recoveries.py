"""Recoveries that wait: whoever cannot prove enough gets in only after a time in which the owner can object.

A recovery belongs to the browser that started it, so nobody takes over another one's waiting. It opens,
expires, and ends once: finished, or cancelled by a login.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.ids import new_id
from idp.persons.credentials import lock_person
from idp.persons.models import Recovery


class RecoveryKind(StrEnum):
    """What was lost."""

    PASSWORD = "password"  # noqa: S105
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class OpenRecovery:
    """A recovery that is neither finished, cancelled nor expired; it may be used from `opens_at` on."""

    id: str
    kind: RecoveryKind
    started_at: datetime
    opens_at: datetime


def start(
    session: Session,
    person_id: str,
    kind: RecoveryKind,
    device_hash: str,
    *,
    at: datetime,
    opens_at: datetime,
    expires_at: datetime,
    origin: Origin = NOWHERE,
) -> tuple[OpenRecovery, bool]:
    """Return the browser's recovery and whether it was started just now; one under way keeps its time."""
    lock_person(session, person_id)  # of two starts at once the second finds the first
    present = find(session, person_id, kind, device_hash, at=at)
    if present is not None:
        return present, False
    recovery_id = new_id()
    session.execute(
        sa.insert(Recovery).values(
            id=recovery_id,
            person_id=person_id,
            kind=kind,
            device_hash=device_hash,
            started_at=at,
            opens_at=opens_at,
            expires_at=expires_at,
        )
    )
    record(
        session,
        Event.RECOVERY_STARTED,
        at=at,
        person_id=person_id,
        origin=origin,
        details={"kind": kind, "opens_at": opens_at.isoformat()},
    )
    return OpenRecovery(recovery_id, kind, at, opens_at), True


def find(
    session: Session, person_id: str, kind: RecoveryKind, device_hash: str, *, at: datetime
) -> OpenRecovery | None:
    """Return the open recovery that this browser started for the person, or None."""
    row = session.execute(
        sa.select(Recovery.id, Recovery.started_at, Recovery.opens_at)
        .where(*_is_open(person_id, at), Recovery.kind == kind, Recovery.device_hash == device_hash)
        .order_by(Recovery.started_at)
        .limit(1)
    ).one_or_none()
    return OpenRecovery(row.id, kind, row.started_at, row.opens_at) if row else None


def open_of(session: Session, person_id: str, *, at: datetime) -> tuple[OpenRecovery, ...]:
    """Return every open recovery of the person, the first to open first."""
    rows = session.execute(
        sa.select(Recovery.id, Recovery.kind, Recovery.started_at, Recovery.opens_at)
        .where(*_is_open(person_id, at))
        .order_by(Recovery.opens_at, Recovery.id)
    )
    return tuple(OpenRecovery(row.id, RecoveryKind(row.kind), row.started_at, row.opens_at) for row in rows)


def finish(session: Session, person_id: str, recovery_id: str, kind: RecoveryKind, *, at: datetime) -> bool:
    """Spend a recovery whose time has come; False where it may not be used, or was. The caller audits it."""
    finished = session.scalar(
        sa.update(Recovery)
        .where(
            *_is_open(person_id, at),
            Recovery.id == recovery_id,
            Recovery.kind == kind,
            Recovery.opens_at <= at,
        )
        .values(finished_at=at)
        .returning(Recovery.id)
    )
    return finished is not None


def cancel(session: Session, person_id: str, *, reason: str, at: datetime, origin: Origin = NOWHERE) -> int:
    """End every open recovery of the person and return how many there were; one audit row where any was."""
    cancelled = session.scalars(
        sa.update(Recovery).where(*_is_open(person_id, at)).values(cancelled_at=at).returning(Recovery.id)
    ).all()
    if cancelled:
        record(
            session,
            Event.RECOVERY_CANCELLED,
            at=at,
            reason=reason,
            person_id=person_id,
            origin=origin,
            details={"count": len(cancelled)},
        )
    return len(cancelled)


def _is_open(person_id: str, at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Recovery.person_id == person_id,
        Recovery.finished_at.is_(None),
        Recovery.cancelled_at.is_(None),
        Recovery.expires_at > at,
    )
