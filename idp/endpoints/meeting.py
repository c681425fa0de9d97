"""A client meets a person: the names by which it knows them, their login, and whoever acts for them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from clients.client import Client
from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.oauth_errors import LoginRequired
from idp.sessions.participants import join
from idp.sessions.service import LiveSession, Sessions
from idp.tokens.subjects import subject_of


@dataclass(frozen=True, slots=True)
class Names:
    """`sub` is whom the answer is about; `actor_sub` is who acts for them, None where they do so themself."""

    sub: str
    sid: str
    actor_sub: str | None = None


def meet(
    session: Session,
    sessions: Sessions,
    client: Client,
    live: LiveSession,
    ward_id: str | None,
    *,
    at: datetime,
    origin: Origin,
) -> Names:
    """Return the names, made where the client meets somebody first; raises LoginRequired once the session ended.

    Where the session's person acts for `ward_id`, that is written down with both.
    """
    if sessions.find_by_id(session, live.id) is None:
        raise LoginRequired(detail="the session ended meanwhile")
    own = subject_of(session, live.person_id, client.sector, at)
    if ward_id is None:
        return Names(own, join(session, live.id, client.client_id, own, at=at))
    sub = subject_of(session, ward_id, client.sector, at)
    sid = join(session, live.id, client.client_id, sub, at=at, ward_id=ward_id)
    # A row with each of the two, so that both see it among what happened.
    for person_id, kind, other_id in ((live.person_id, "guardian", ward_id), (ward_id, "minor", live.person_id)):
        record(
            session,
            Event.MANDATE_USED,
            at=at,
            person_id=person_id,
            client_id=client.client_id,
            session_id=live.id,
            origin=origin.acting(live.person_id, ward_id),
            details={"kind": kind, "other": other_id},
        )
    return Names(sub, sid, own)
