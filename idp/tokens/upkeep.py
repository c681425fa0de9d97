"""Keeping the token tables small: what can no longer be presented is deleted, by the month where it can be."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from idp.core.clock import seconds
from idp.storage import partitions
from idp.storage.engine import Database
from idp.storage.partitions import Partition
from idp.storage.sweeping import Sweep
from idp.tokens.models import OpaqueAccessToken, RefreshToken, RevokedToken, TokenGrant

_TABLE = "token_grants"
# Longer than clocks of verifiers may be apart.
_LEEWAY_SECONDS = 300


def forget_expired_tokens(database: Database, *, at: datetime, limit: int = 1_000) -> int:
    """Delete opaque tokens and revocations whose time is over, up to `limit` of each; return how many."""
    deleted = 0
    for model, key in ((OpaqueAccessToken, OpaqueAccessToken.token_hash), (RevokedToken, RevokedToken.jti)):
        over = sa.select(key).where(model.expires_at < at - seconds(_LEEWAY_SECONDS)).limit(limit)
        with database.transaction() as session:
            deleted += len(session.execute(sa.delete(model).where(key.in_(over)).returning(key)).all())
    return deleted


def sweep_refresh_tokens(database: Database) -> Sweep:
    """Return what deletes refresh tokens whose own time is over, in families that live on.

    A used one stays until then: shown again, it ends its family (RFC 9700 §4.14.2); later it is worth nothing.
    """
    return Sweep(
        database=database,
        # The order of their index, in which the old ones lie together.
        order=[RefreshToken.issue_day, RefreshToken.code_hash, RefreshToken.token_hash],
        over=lambda at: RefreshToken.expires_at < at - seconds(_LEEWAY_SECONDS),
    )


def create_token_months_ahead(database: Database, *, at: datetime) -> int:
    """Create the partitions of this month and of the next one; return how many were new.

    Months, not days: every look-up locks each partition of the table, and families live for months.
    """
    this = at.date().replace(day=1)
    return partitions.create_ahead(database, "issue_day", [_partition(this), _partition(_next_month(this))])


def drop_old_families(database: Database, *, at: datetime, absolute_seconds: int) -> int:
    """Drop the months in which no family can be alive any more, with their refresh tokens; return how many.

    A month stays while one family of it has not expired, whatever the settings were when it began.
    """
    newest = at.date() - seconds(absolute_seconds) - timedelta(days=2)
    dropped = 0
    if not database.is_sqlite:
        with database.read() as session:
            names = partitions.existing(session, _TABLE)
        # The names sort like the months in them.
        old = [name for name in names if name < _partition(newest.replace(day=1)).name]
        dropped = sum(_drop_month(database, name, at) for name in old)
    # What is left lies in the one piece of SQLite, or in the default partition.
    return dropped + _delete_days(database, newest, at)


def _drop_month(database: Database, name: str, at: datetime) -> bool:
    with database.transaction() as session:
        alive = sa.text(f'SELECT EXISTS (SELECT 1 FROM "{name}" WHERE expires_at >= :at)')  # noqa: S608 - from the catalogue
        if session.scalar(alive, {"at": at}):
            return False
        year, month = (int(part) for part in name.removeprefix(f"{_TABLE}_").split("_"))
        first = date(year, month, 1)
        of_month = sa.and_(RefreshToken.issue_day >= first, RefreshToken.issue_day < _next_month(first))
        session.execute(sa.delete(RefreshToken).where(of_month))
        partitions.drop(session, name)
    return True


def _delete_days(database: Database, newest: date, at: datetime) -> int:
    with database.read() as session:
        alive = sa.select(TokenGrant.issue_day).where(TokenGrant.issue_day < newest, TokenGrant.expires_at >= at)
        days = session.scalars(
            sa.select(TokenGrant.issue_day)
            .distinct()
            .where(TokenGrant.issue_day < newest, TokenGrant.issue_day.not_in(alive))
            .limit(30)
        ).all()
    for day in days:  # one at a time: who writes waits for one day's rows at most
        with database.transaction() as session:
            for model in (RefreshToken, TokenGrant):
                session.execute(sa.delete(model).where(model.issue_day == day))
    return len(days)


def _partition(first: date) -> Partition:
    return Partition(_TABLE, f"{_TABLE}_{first:%Y_%m}", f"{first:%Y-%m-%d}", f"{_next_month(first):%Y-%m-%d}")


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
