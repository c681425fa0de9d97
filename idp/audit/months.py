"""The months of the audit log: partitions made ahead, and dropping one whose time of keeping is over."""

import re
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.canonical import ROW
from idp.audit.events import Event
from idp.audit.heads import DROPPED, HeadsFile, sign_note
from idp.audit.log import record
from idp.audit.models import AuditSeal
from idp.audit.seal_key import SealKey
from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.storage import partitions
from idp.storage.engine import Database, take_time
from idp.storage.partitions import Partition

_TABLE = "audit_events"
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class MonthNotDroppable(IdpError):
    """The month is too young, or not all of it is sealed; the text says which."""


def create_months_ahead(database: Database, *, at: datetime, months: int = 2) -> int:
    """Create the partitions of this month and of the next ones; return how many were new."""
    first = _first_of(at)
    wanted = [_partition(_add_months(first, each)) for each in range(months + 1)]
    return partitions.create_ahead(database, "at", wanted)


def drop_month(
    database: Database, month: str, *, keep_months: int, key: SealKey, heads: HeadsFile, clock: Clock
) -> int:
    """Drop a month's rows for good and return how many; their seals stay, and a signed note says why.

    Raises MonthNotDroppable or OSError. The note is written first: with it and without the drop nothing is wrong.
    """
    first = _parse(month)
    if _add_months(first, keep_months + 1) > clock.now():
        raise MonthNotDroppable(f"{month}: must be kept for {keep_months} months (audit.keep_months)")
    end = _add_months(first, 1)
    in_month = sa.and_(ROW.c.at >= first, ROW.c.at < end)
    with database.transaction() as session:
        rows, unsealed = session.execute(
            sa.select(sa.func.count(), sa.func.count().filter(ROW.c.seal_position.is_(None)))
            .select_from(ROW)
            .where(in_month)
        ).one()
        if unsealed:
            raise MonthNotDroppable(f"{month}: {unsealed} rows are not sealed yet; run the worker first")
        batches = session.scalars(
            sa.select(AuditSeal.position).where(AuditSeal.first_event_at >= first, AuditSeal.first_event_at < end)
        ).all()
        facts = {"month": month, "rows": rows, "batches": len(batches)}
        heads.append(sign_note(key, DROPPED, {**facts, "at": clock.now().isoformat()}))
        _remove(session, database, first, in_month)
        record(session, Event.AUDIT_MONTH_DROPPED, at=clock.now(), details=facts)
    return int(rows)


def _remove(session: Session, database: Database, first: datetime, in_month: sa.ColumnElement[bool]) -> None:
    name = _partition(first).name
    if not database.is_sqlite:
        take_time(session)
        if name in partitions.existing(session, _TABLE):
            partitions.drop(session, name)
            return
    session.execute(sa.delete(ROW).where(in_month))


def _partition(first: datetime) -> Partition:
    upper = _add_months(first, 1)
    lower_text, upper_text = (f"{each:%Y-%m-%d} 00:00:00+00" for each in (first, upper))
    return Partition(_TABLE, f"{_TABLE}_{first:%Y_%m}", lower_text, upper_text)


def _parse(month: str) -> datetime:
    found = _MONTH.fullmatch(month)
    if found is None:
        raise MonthNotDroppable("a month is written as YYYY-MM")
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)


def _first_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _add_months(first: datetime, months: int) -> datetime:
    count = first.year * 12 + first.month - 1 + months
    return first.replace(year=count // 12, month=count % 12 + 1)
