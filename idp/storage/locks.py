"""Work that one process at a time may do."""

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

# One word of PostgreSQL's two-word advisory locks is ours; the other is the work's name.
_SPACE = 7313


def try_lock(session: Session, name: str) -> bool:
    """Take the lock `name` until the transaction ends; False where another transaction holds it.

    SQLite has one writer, which a write transaction is from its beginning.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)
    taken = session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_SPACE, number)))
    return bool(taken)
