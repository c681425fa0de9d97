"""The clients that took part in a session, and the `sid` that each knows it by; the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.sessions.models import SessionClient, SessionWard


@dataclass(frozen=True, slots=True)
class Participant:
    """A client that took part in a session, in its own words; `ward_id` is for whom its person acted there."""

    client_id: str
    sid: str
    sub: str
    ward_id: str | None


def join(
    session: Session, session_id: str, client_id: str, sub: str, *, at: datetime, ward_id: str | None = None
) -> str:
    """Note that a client takes part and return the `sid` by which it knows the session.

    Where the session's person acts for `ward_id`, the client knows that by a `sid` of its own.
    """
    known = sid_of(session, session_id, client_id, ward_id=ward_id)
    if known is not None:
        return known
    row = {"session_id": session_id, "client_id": client_id, "sub": sub, "sid": new_id()}
    if ward_id is None:
        session.add(SessionClient(**row, first_at=at))
    else:
        session.add(SessionWard(**row, person_id=ward_id, first_at=at))
    session.flush()
    return row["sid"]


def sid_of(session: Session, session_id: str, client_id: str, *, ward_id: str | None = None) -> str | None:
    """Return the `sid` by which a client knows the session, or knows it for `ward_id`; None where it does not."""
    if ward_id is None:
        joined = session.get(SessionClient, (session_id, client_id))
        return joined.sid if joined is not None else None
    acted = session.get(SessionWard, (session_id, client_id, ward_id))
    return acted.sid if acted is not None else None


def participants(session: Session, session_id: str) -> tuple[Participant, ...]:
    """Return the clients that took part in the session, each once for everybody whom it was told of."""
    own = sa.select(SessionClient.client_id, SessionClient.sid, SessionClient.sub, sa.null().label("ward_id"))
    wards = sa.select(SessionWard.client_id, SessionWard.sid, SessionWard.sub, SessionWard.person_id)
    rows: Any = session.execute(
        sa.union_all(
            own.where(SessionClient.session_id == session_id), wards.where(SessionWard.session_id == session_id)
        ).order_by("client_id", "sid")
    )
    return tuple(Participant(row.client_id, row.sid, row.sub, row.ward_id) for row in rows)
