"""Reported deaths: the rows, and the rule when one may close an account.

A death is told by the register or by a certificate at a counter, and by nobody else: whoever merely asks about a
number, or is answered that its holder died, suspends nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.persons.vocabulary import PersonStatus
from idp.storage.upsert import insert_into
from realname.proofing.models import DeathReport


class Source(StrEnum):
    """Who told of a death."""

    REGISTER = "register"
    CERTIFICATE = "certificate"


class CloseProblem(StrEnum):
    """Why an account is not closed yet."""

    TOO_EARLY = "too_early"
    UNSAID = "unsaid"  # the register says the death no more: a counter looks at it
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Told:
    """What a report rests on; of a certificate, who proposed and who decided it, and where."""

    source: Source
    evidence_digest: str
    proposed_by: str | None = None
    decided_by: str | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class StandingReport:
    """A report that nobody took back."""

    id: str
    person_id: str
    source: Source
    status_before: PersonStatus
    reported_at: datetime
    reporters: tuple[str, ...]
    unsaid_at: datetime | None
    closed_at: datetime | None

    def problem_of_closing(self, *, at: datetime, wait: timedelta) -> CloseProblem | None:
        """Return why the account may not be closed at that instant, None where it may."""
        if self.closed_at is not None:
            return CloseProblem.CLOSED
        if self.unsaid_at is not None:
            return CloseProblem.UNSAID
        return CloseProblem.TOO_EARLY if at < self.reported_at + wait else None


def write(session: Session, person_id: str, told: Told, status: PersonStatus, *, at: datetime) -> str | None:
    """Write a report and return its id; None where one stands, also where two report at once."""
    return session.scalar(
        insert_into(session, DeathReport)
        .values(
            id=new_id(),
            person_id=person_id,
            source=told.source,
            evidence_digest=told.evidence_digest,
            office=told.office,
            status_before=status,
            reported_at=at,
            report_proposed_by=told.proposed_by,
            reported_by=told.decided_by,
        )
        .on_conflict_do_nothing(index_elements=["person_id"], index_where=DeathReport.reversed_at.is_(None))
        .returning(DeathReport.id)
    )


def standing_of(session: Session, person_id: str) -> StandingReport | None:
    """Return the person's report that nobody took back, or None."""
    return next(iter(_standing(session, DeathReport.person_id == person_id)), None)


def open_reports(session: Session) -> tuple[StandingReport, ...]:
    """Return the reports whose accounts are suspended and not closed yet, the oldest first."""
    return _standing(session, DeathReport.closed_at.is_(None))


def was_taken_back(session: Session, person_id: str, evidence_digests: tuple[str, ...]) -> bool:
    """Tell whether a counter took back a report that rested on this very evidence."""
    found = sa.select(DeathReport.id).where(
        DeathReport.person_id == person_id,
        DeathReport.reversed_at.is_not(None),
        DeathReport.evidence_digest.in_(evidence_digests),
    )
    return session.scalar(found.limit(1)) is not None


def mark_unsaid(session: Session, report_id: str, unsaid_at: datetime | None) -> bool:
    """Note that the register says the death no more, or says it again (None); False where that was known."""
    marked = session.scalar(
        sa.update(DeathReport)
        .where(
            DeathReport.id == report_id,
            DeathReport.unsaid_at.is_not(None) if unsaid_at is None else DeathReport.unsaid_at.is_(None),
        )
        .values(unsaid_at=unsaid_at)
        .returning(DeathReport.id)
    )
    return marked is not None


def close(session: Session, report_id: str, *, proposed_by: str, decided_by: str, at: datetime) -> bool:
    """Note that two persons closed the account; False where it was closed or taken back meanwhile."""
    closed = session.scalar(
        sa.update(DeathReport)
        .where(DeathReport.id == report_id, DeathReport.closed_at.is_(None), DeathReport.reversed_at.is_(None))
        .values(closed_at=at, close_proposed_by=proposed_by, closed_by=decided_by)
        .returning(DeathReport.id)
    )
    return closed is not None


def take_back(session: Session, report_id: str, *, proposed_by: str, decided_by: str, at: datetime) -> bool:
    """Note that two persons took the report back; False where somebody did meanwhile."""
    reversed_id = session.scalar(
        sa.update(DeathReport)
        .where(DeathReport.id == report_id, DeathReport.reversed_at.is_(None))
        .values(reversed_at=at, reverse_proposed_by=proposed_by, reversed_by=decided_by)
        .returning(DeathReport.id)
    )
    return reversed_id is not None


def _standing(session: Session, condition: sa.ColumnElement[bool]) -> tuple[StandingReport, ...]:
    rows = session.scalars(
        sa.select(DeathReport)
        .where(DeathReport.reversed_at.is_(None), condition)
        .order_by(DeathReport.reported_at, DeathReport.id)
        .execution_options(populate_existing=True)
    )
    return tuple(
        StandingReport(
            id=row.id,
            person_id=row.person_id,
            source=Source(row.source),
            status_before=PersonStatus(row.status_before),
            reported_at=row.reported_at,
            reporters=tuple(each for each in (row.report_proposed_by, row.reported_by) if each is not None),
            unsaid_at=row.unsaid_at,
            closed_at=row.closed_at,
        )
        for row in rows
    )
