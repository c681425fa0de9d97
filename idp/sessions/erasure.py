"""What the erasure of a person takes of their sessions: the cookie's hash and the name of the device."""

import sqlalchemy as sa

from idp.sessions.models import SsoSession
from idp.storage.erasure import ErasedRows, table_of


def erased_rows() -> tuple[ErasedRows, ...]:
    """Return what is erased of this room's tables."""
    # Unique, and no hash that any cookie could have: those hold no blank.
    no_cookie = sa.literal("erased ") + SsoSession.id
    return (
        ErasedRows(
            table_of(SsoSession),
            lambda person_id: SsoSession.person_id == person_id,
            {"handle_hash": no_cookie, "device_label": ""},
        ),
    )
