"""Forgetting sessions that ended long ago, with the clients that took part in them."""

from datetime import timedelta

import sqlalchemy as sa

from idp.sessions.models import SessionClient, SessionWard, SsoSession
from idp.storage.engine import Database
from idp.storage.sweeping import Sweep
from idp.tokens.models import TokenGrant


def sweep_sessions(database: Database, *, keep: timedelta) -> Sweep:
    """Return what deletes sessions that have been over for `keep`.

    One stays while tokens that outlive it do (OpenID Connect Core §11): its channel bounds their level.
    """
    return Sweep(
        database=database,
        order=[SsoSession.id],
        over=lambda at: sa.and_(
            sa.or_(SsoSession.ended_at < at - keep, SsoSession.expires_at < at - keep),
            ~sa.exists().where(
                TokenGrant.session_id == SsoSession.id,
                TokenGrant.revoked_at.is_(None),
                TokenGrant.expires_at > at,
            ),
        ),
        dependents=[SessionClient.session_id, SessionWard.session_id],
    )
