"""Ending one access token before its time."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.hashing import hash_secret
from idp.storage.upsert import insert_into
from idp.tokens.models import OpaqueAccessToken, RevokedToken
from idp.tokens.verify import GoodToken


def revoke_access_token(session: Session, token: str, good: GoodToken, *, at: datetime) -> bool:
    """Revoke the token; False where it was revoked before."""
    if good.jti is None:
        ended = session.execute(
            sa.update(OpaqueAccessToken)
            .where(OpaqueAccessToken.token_hash == hash_secret(token), OpaqueAccessToken.revoked_at.is_(None))
            .values(revoked_at=at)
            .returning(OpaqueAccessToken.token_hash)
        ).one_or_none()
        return ended is not None
    added = session.execute(
        insert_into(session, RevokedToken)
        .values(jti=good.jti, revoked_at=at, expires_at=datetime.fromtimestamp(good.expires_at, UTC))
        .on_conflict_do_nothing()
        .returning(RevokedToken.jti)
    ).one_or_none()
    return added is not None
