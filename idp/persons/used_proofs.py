"""What counts once for ever: a typed hash under a unique constraint, in the answering transaction."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.hashing import hash_secret
from idp.persons.models import UsedProof
from idp.storage.upsert import insert_into


def use_once(session: Session, kind: str, proof: str, *, at: datetime, keep_until: datetime) -> bool:
    """Tell whether `proof` is used for the first time, and record that; atomic, also between processes.

    `proof` is stored as a plain hash: it must be random or name no person. `keep_until` is the first
    moment at which the proof would be refused for its age anyway.
    """
    first = session.execute(
        insert_into(session, UsedProof)
        .values(kind=kind, proof_hash=hash_secret(proof), used_at=at, keep_until=keep_until)
        .on_conflict_do_nothing(index_elements=["kind", "proof_hash"])
        .returning(UsedProof.kind)
    ).one_or_none()
    return first is not None


def was_used(session: Session, kind: str, proof: str) -> bool:
    """Tell whether `proof` was used; whoever acts on it asks `use_once`."""
    which = sa.select(UsedProof.kind).where(UsedProof.kind == kind, UsedProof.proof_hash == hash_secret(proof))
    return session.scalar(which) is not None


def forget_expired(session: Session, *, at: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` records whose time has passed and return how many; for a periodic job."""
    old = sa.select(UsedProof.kind, UsedProof.proof_hash).where(UsedProof.keep_until <= at).limit(limit)
    deleted = session.execute(
        sa.delete(UsedProof).where(sa.tuple_(UsedProof.kind, UsedProof.proof_hash).in_(old)).returning(UsedProof.kind)
    ).all()
    return len(deleted)
