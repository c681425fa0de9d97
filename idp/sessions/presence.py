"""Presence: the card's chip was read at a counter before a clerk, and its holder sits at this very session.

For a while it stands for a strong authenticator (mission, Levels); then the login is worth what it was before.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.sessions.models import SsoSession


def note_presence(session: Session, session_id: str, *, until: datetime) -> None:
    """Let a session count as present until that instant."""
    session.execute(sa.update(SsoSession).where(SsoSession.id == session_id).values(present_until=until))


def is_present(present_until: datetime | None, now: datetime) -> bool:
    """Tell whether presence that was noted still counts."""
    return present_until is not None and now < present_until
