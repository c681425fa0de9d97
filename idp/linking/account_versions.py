"""Staged rows become accounts: new ones, new versions of those that changed, a mark on those that did not.

Idempotent by system, account and content: what a chunk finds done, it leaves.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.matching import ADDED, CHANGED, UNCHANGED
from idp.linking.models import LegacyAccount, StagedMatch, StagedRow
from idp.linking.preparation import COLUMNS
from idp.storage.locks import wait_for_lock

_PARTITIONED = ("legacy_accounts", "account_situations")
_CARRIED = tuple(name for name in COLUMNS if name not in ("row_number", "credential", "credential_digest"))


def prepare_system(session: Session, system_number: int) -> None:
    """Give a system's accounts a partition of their own, where they can still have one; on SQLite nothing."""
    if session.get_bind().dialect.name == "sqlite":
        return
    wait_for_lock(session, "legacy partitions")
    for table in _PARTITIONED:
        name = f"{table}_s{int(system_number)}"
        is_there = session.scalar(sa.text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name})
        # What was looked up live before the first file lies in the default partition, and cannot be moved unseen.
        strays = sa.text(f"SELECT EXISTS (SELECT FROM {table}_default WHERE system_number = :number)")  # noqa: S608
        if not is_there and not session.scalar(strays, {"number": system_number}):
            session.execute(sa.text(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
            session.execute(
                sa.text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES IN ({int(system_number)})")
            )


def apply_rows(
    session: Session, *, system_number: int, batch_number: int, rows: range, at: datetime, marks_seen: bool
) -> dict[str, int]:
    """Bring a range of staged rows into the accounts; return how many were added, changed and unchanged.

    With `marks_seen` also unchanged accounts are marked as brought by this batch, which a full file needs.
    """
    chunk = sa.and_(
        StagedMatch.batch_number == batch_number,
        StagedMatch.row_number >= rows.start,
        StagedMatch.row_number < rows.stop,
    )
    _look_again(session, chunk, system_number)
    by_change = sa.select(StagedMatch.change, sa.func.count().label("rows")).where(chunk).group_by(StagedMatch.change)
    counts = {row.change: row.rows for row in session.execute(by_change)}
    if CHANGED in counts:
        _close_changed(session, chunk, system_number, at)
    if CHANGED in counts or ADDED in counts:
        _add_versions(session, chunk, system_number, batch_number, at)
    if marks_seen and UNCHANGED in counts:
        _mark_seen(session, chunk, system_number, batch_number)
    return counts


def analyse_accounts(session: Session, system_number: int) -> None:
    """Let the planner know how many accounts a system has by now."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for table in _PARTITIONED:
        name = f"{table}_s{int(system_number)}"
        if session.scalar(sa.text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}):
            session.execute(sa.text(f"ANALYZE {name}"))


def _look_again(session: Session, chunk: sa.ColumnElement[bool], system_number: int) -> None:
    """Correct the plan where an account came, or changed, since it was made."""
    found = (
        sa.select(
            StagedMatch.row_number,
            LegacyAccount.account_id,
            sa.case(
                (LegacyAccount.content_digest == StagedRow.content_digest, UNCHANGED),
                else_=CHANGED,
            ).label("change"),
        )
        .join(
            StagedRow,
            sa.and_(StagedRow.batch_number == StagedMatch.batch_number, StagedRow.row_number == StagedMatch.row_number),
        )
        .join(
            LegacyAccount,
            sa.and_(
                LegacyAccount.system_number == system_number,
                LegacyAccount.ref_index == StagedRow.ref_index,
                LegacyAccount.valid_to.is_(None),
            ),
        )
        .where(chunk)
        .subquery("found")
    )
    session.execute(
        sa.update(StagedMatch)
        .where(
            chunk,
            StagedMatch.row_number == found.c.row_number,
            sa.or_(StagedMatch.change != found.c.change, StagedMatch.account_id != found.c.account_id),
        )
        .values(change=found.c.change, account_id=found.c.account_id)
        .execution_options(synchronize_session=False)
    )


def _close_changed(session: Session, chunk: sa.ColumnElement[bool], system_number: int, at: datetime) -> None:
    changed = sa.select(StagedMatch.account_id).where(chunk, StagedMatch.change == CHANGED)
    session.execute(
        sa.update(LegacyAccount)
        .where(
            LegacyAccount.system_number == system_number,
            LegacyAccount.account_id.in_(changed),
            LegacyAccount.valid_to.is_(None),
        )
        .values(valid_to=at)
        .execution_options(synchronize_session=False)
    )


def _add_versions(
    session: Session, chunk: sa.ColumnElement[bool], system_number: int, batch_number: int, at: datetime
) -> None:
    before = sa.orm.aliased(LegacyAccount)
    latest = (
        sa.select(sa.func.max(LegacyAccount.version))
        .where(LegacyAccount.system_number == system_number, LegacyAccount.account_id == StagedMatch.account_id)
        .correlate(StagedMatch)
        .scalar_subquery()
    )
    # Whoever logged in with their old password has it replaced: what the source says of it counts no more.
    has_moved = before.migrated_at.is_not(None)
    values = {
        "system_number": sa.literal(system_number),
        "account_id": StagedMatch.account_id,
        "version": sa.func.coalesce(before.version, 0) + 1,
        "batch_number": sa.literal(batch_number),
        "row_number": StagedRow.row_number,
        "seen_batch": sa.literal(batch_number),
        "valid_from": sa.literal(at, LegacyAccount.valid_from.type),
        "password_hash": before.password_hash,
        "migrated_at": before.migrated_at,
        **{name: getattr(StagedRow, name) for name in _CARRIED},
        "credential": sa.case((has_moved, sa.null()), else_=StagedRow.credential),
        "credential_digest": sa.case((has_moved, sa.null()), else_=StagedRow.credential_digest),
    }
    session.execute(
        sa.insert(LegacyAccount).from_select(
            list(values),
            sa.select(*values.values())
            .select_from(StagedMatch)
            .join(
                StagedRow,
                sa.and_(
                    StagedRow.batch_number == StagedMatch.batch_number, StagedRow.row_number == StagedMatch.row_number
                ),
            )
            .outerjoin(
                before,
                sa.and_(
                    before.system_number == system_number,
                    before.account_id == StagedMatch.account_id,
                    before.version == latest,
                ),
            )
            .where(chunk, StagedMatch.change.in_((ADDED, CHANGED))),
        )
    )


def _mark_seen(session: Session, chunk: sa.ColumnElement[bool], system_number: int, batch_number: int) -> None:
    unchanged = sa.select(StagedMatch.account_id).where(chunk, StagedMatch.change == UNCHANGED)
    if session.execute(unchanged.limit(1)).first() is None:
        return  # in a first file all are new: looking for nothing would read every account, chunk after chunk
    session.execute(
        sa.update(LegacyAccount)
        .where(
            LegacyAccount.system_number == system_number,
            LegacyAccount.account_id.in_(unchanged),
            LegacyAccount.valid_to.is_(None),
        )
        .values(seen_batch=batch_number)
        .execution_options(synchronize_session=False)
    )
