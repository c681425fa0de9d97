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
    taken = session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_SPACE, _number(name))))
    return bool(taken)


def wait_for_lock(session: Session, name: str) -> None:
    """Take the lock `name` until the transaction ends, once no other transaction holds it.

    How long that takes is limited only by the limits on waiting that the transaction has.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_SPACE, _number(name))))


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big", signed=True)
