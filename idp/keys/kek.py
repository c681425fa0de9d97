"""Exchanging the key-encryption key: every wrapped key is wrapped anew, in one transaction with the check value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.hashing import secrets_equal
from idp.crypto.envelope import KeyEncryptionKey, data_key_context, require_same_key, rewrap
from idp.crypto.keyring import Purpose
from idp.keys.models import KeyCheck, WrappedKey
from idp.keys.rows import RotationFailed
from idp.storage.engine import Database

#: Wraps what another room keeps wrapped anew: session, old and new key; returns how many it were.
Rewrap = Callable[[Session, KeyEncryptionKey, KeyEncryptionKey], int]


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys were wrapped anew; none where all of them were under the new key already."""

    data_keys: int
    others: int


def rotate_kek(
    database: Database,
    *,
    old: KeyEncryptionKey,
    new: KeyEncryptionKey,
    clock: Clock,
    others: Sequence[Rewrap],
    audit: Callable[[Session, str], None],
) -> Rewrapped:
    """Wrap everything that `old` wraps under `new`; repeated, it takes in what was added in between.

    Raises ConfigError when the database belongs to neither, DecryptionFailed (and changes nothing) when a
    key opens with neither.
    """
    if secrets_equal(old.check_value(), new.check_value()):
        raise RotationFailed("the new key-encryption key is the present one; make another: idp keys new-kek FILE")
    with database.transaction() as session:
        check = session.scalars(sa.select(KeyCheck).with_for_update()).one()
        if not secrets_equal(check.check_value, new.check_value()):
            require_same_key(old, check.check_value)
            session.delete(check)
            session.flush()
            session.add(KeyCheck(kek_id=new.id, check_value=new.check_value(), created_at=clock.now()))
        rows = session.scalars(sa.select(WrappedKey).where(WrappedKey.kek_id != new.id).with_for_update()).all()
        for row in rows:
            context = data_key_context(Purpose(row.purpose), row.version, row.suite)
            row.wrapped, row.kek_id = rewrap(old, new, row.wrapped, context), new.id
        rewrapped = Rewrapped(len(rows), sum(each(session, old, new) for each in others))
        audit(session, new.id)
    return rewrapped


def belongs_to(database: Database, kek: KeyEncryptionKey) -> bool:
    """Tell whether the database was set up with, or has been taken over to, this key-encryption key."""
    with database.read() as session:
        check = session.scalar(sa.select(KeyCheck.check_value))
    return check is not None and secrets_equal(kek.check_value(), check)
