"""The numbers of legacy accounts, which are one row of numbers over all systems."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.link_models import MergeEvent
from idp.linking.models import ACCOUNT_IDS, LegacyAccount, StagedMatch


def next_account_id(session: Session) -> int:
    """Return a number that no account has, and none is promised by a plan."""
    if session.get_bind().dialect.name == "postgresql":
        return int(session.scalar(sa.select(ACCOUNT_IDS.next_value())) or 0)
    return highest_account_id(session) + 1


def highest_account_id(session: Session) -> int:
    """Return the highest number that an account has, had or is promised; on SQLite its one writer counts on from it.

    An account that was erased stays in the journal: another one by its number would have its links.
    """
    ids = sa.union_all(
        sa.select(sa.func.max(LegacyAccount.account_id).label("id")),
        sa.select(sa.func.max(StagedMatch.account_id).label("id")),
        sa.select(sa.func.max(MergeEvent.account_id).label("id")),
    ).subquery()
    return session.scalar(sa.select(sa.func.max(ids.c.id))) or 0
