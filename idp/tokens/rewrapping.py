"""Signing keys under another key-encryption key."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.envelope import KeyEncryptionKey, rewrap, signing_key_context
from idp.tokens.models import SigningKeyRow


def rewrap_signing_keys(session: Session, old: KeyEncryptionKey, new: KeyEncryptionKey) -> int:
    """Wrap every private part that is not under `new` anew; return how many. Raises DecryptionFailed."""
    rows = session.scalars(sa.select(SigningKeyRow).where(SigningKeyRow.kek_id != new.id).with_for_update()).all()
    for row in rows:
        context = signing_key_context(row.kid, row.algorithm)
        row.wrapped_private, row.kek_id = rewrap(old, new, row.wrapped_private, context), new.id
    return len(rows)
