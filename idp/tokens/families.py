"""Token families: what one redeemed authorization gave, and how all of it ends at once.

The row in `token_grants` is the truth of "this code was used"; the short-lived store only hands the code out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.storage.upsert import insert_into
from idp.tokens.code import CodeReference, day_of
from idp.tokens.models import TokenGrant


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a person granted to a client in one login; the payload of a code and the root of a family.

    `person_id` and `sub` are whom it is about, everywhere: where somebody acts for them, `actor_person` is who, and
    session, `aal`, `amr` and `auth_time` are the actor's.
    """

    client_id: str
    person_id: str
    session_id: str
    sub: str
    sid: str
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: dict[str, Any]
    acr: str | None
    aal: int
    amr: tuple[str, ...]
    auth_time: datetime
    nonce: str | None = None
    actor_person: str | None = None
    actor_sub: str | None = None

    @property
    def on_behalf_of(self) -> str | None:
        """For whom the actor acts, None where nobody does."""
        return self.person_id if self.actor_person is not None else None

    @property
    def is_offline(self) -> bool:
        """True where the family outlives the session (OpenID Connect Core §11)."""
        return "offline_access" in self.scope


@dataclass(frozen=True, slots=True)
class Family:
    """A redeemed authorization as tokens are made from it and checked against it; see `Authorization`."""

    family_id: str
    client_id: str
    person_id: str
    session_id: str
    sub: str
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: dict[str, Any]
    aal: int
    amr: tuple[str, ...]
    auth_time: datetime
    offline: bool
    actor_person: str | None = None
    actor_sub: str | None = None

    @classmethod
    def of_authorization(cls, reference: CodeReference, authorization: Authorization) -> "Family":
        """Return the family that the redemption of a code starts."""
        return cls(
            family_id=reference.family_id,
            client_id=authorization.client_id,
            person_id=authorization.person_id,
            session_id=authorization.session_id,
            sub=authorization.sub,
            scope=authorization.scope,
            resources=authorization.resources,
            claims=authorization.claims,
            aal=authorization.aal,
            amr=authorization.amr,
            auth_time=authorization.auth_time,
            offline=authorization.is_offline,
            actor_person=authorization.actor_person,
            actor_sub=authorization.actor_sub,
        )

    @classmethod
    def of_row(cls, row: Any) -> "Family":
        """Return the family of a row that has the columns of `token_grants` and is no tombstone."""
        return cls(
            family_id=row.family_id,
            client_id=row.client_id,
            person_id=row.person_id,
            session_id=row.session_id,
            sub=row.sub,
            scope=tuple((row.scope or "").split()),
            resources=tuple(row.resources or ()),
            claims=row.claims or {},
            aal=row.aal,
            amr=tuple(row.amr or ()),
            auth_time=row.auth_time,
            offline=row.offline,
            actor_person=row.actor_person,
            actor_sub=row.actor_sub,
        )


def redeem(
    session: Session,
    reference: CodeReference,
    authorization: Authorization,
    *,
    at: datetime,
    expires_at: datetime,
) -> bool:
    """Record the redemption of a code; False where a replay was here first and left its tombstone."""
    statement = (
        insert_into(session, TokenGrant)
        .values(
            issue_day=reference.issue_day,
            code_hash=reference.code_hash,
            family_id=reference.family_id,
            client_id=authorization.client_id,
            person_id=authorization.person_id,
            session_id=authorization.session_id,
            sub=authorization.sub,
            scope=" ".join(authorization.scope),
            resources=list(authorization.resources),
            claims=authorization.claims,
            acr=authorization.acr,
            aal=authorization.aal,
            amr=list(authorization.amr),
            auth_time=authorization.auth_time,
            offline=authorization.is_offline,
            actor_person=authorization.actor_person,
            actor_sub=authorization.actor_sub,
            on_behalf_of=authorization.on_behalf_of,
            created_at=at,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing()
        .returning(TokenGrant.family_id)
    )
    return session.execute(statement).one_or_none() is not None


def revoke_replayed(session: Session, reference: CodeReference, *, at: datetime) -> bool:
    """Revoke what a replayed code gave; True where it had given something.

    Where the winner has not committed yet, the insert waits for it; where it never comes, the tombstone makes
    it fail (RFC 6749 §4.1.2, RFC 9700 §4.5).
    """
    statement = insert_into(session, TokenGrant).values(
        issue_day=reference.issue_day,
        code_hash=reference.code_hash,
        family_id=reference.family_id,
        offline=False,
        created_at=at,
        expires_at=at,
        revoked_at=at,
        revoke_reason="code_replayed",
    )
    changed = session.execute(
        statement.on_conflict_do_update(
            index_elements=["issue_day", "code_hash"],
            set_={
                "revoked_at": sa.func.coalesce(TokenGrant.revoked_at, at),
                "revoke_reason": sa.func.coalesce(TokenGrant.revoke_reason, "code_replayed"),
            },
        ).returning(TokenGrant.client_id)
    ).one()
    return changed.client_id is not None


def find(session: Session, family_id: str) -> TokenGrant | None:
    """Return the family of that id, revoked or not, or None."""
    day = day_of(family_id)
    if day is None:
        return None
    return session.scalar(sa.select(TokenGrant).where(TokenGrant.issue_day == day, TokenGrant.family_id == family_id))


def revoke(session: Session, family_id: str, *, reason: str, at: datetime) -> bool:
    """Revoke a family; False where it was revoked before or is unknown."""
    return (
        _revoke(
            session,
            reason,
            at,
            TokenGrant.issue_day == day_of(family_id),
            TokenGrant.family_id == family_id,
        )
        > 0
    )


def revoke_of_session(session: Session, session_id: str, *, reason: str, at: datetime) -> int:
    """Revoke every family of a session that does not outlive it; return how many."""
    return _revoke(session, reason, at, TokenGrant.session_id == session_id, TokenGrant.offline.is_(False))


def revoke_of_person(
    session: Session, person_id: str, *, reason: str, at: datetime, client_id: str | None = None
) -> int:
    """Revoke every family of a person, also those in which they act, or those about them at one client; how many."""
    if client_id is not None:
        return _revoke(session, reason, at, TokenGrant.person_id == person_id, TokenGrant.client_id == client_id)
    return _revoke(session, reason, at, sa.or_(TokenGrant.person_id == person_id, TokenGrant.actor_person == person_id))


def revoke_acting(session: Session, actor_id: str, person_id: str, *, reason: str, at: datetime) -> int:
    """Revoke every family in which one acts for the other; return how many."""
    return _revoke(session, reason, at, TokenGrant.actor_person == actor_id, TokenGrant.person_id == person_id)


def _revoke(session: Session, reason: str, at: datetime, *conditions: sa.ColumnElement[bool]) -> int:
    statement = (
        sa.update(TokenGrant)
        .where(*conditions, TokenGrant.revoked_at.is_(None))
        .values(revoked_at=at, revoke_reason=reason)
        .returning(TokenGrant.family_id)
    )
    return len(session.execute(statement).all())
