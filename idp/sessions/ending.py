"""Ending a session everywhere: the session, the tokens that live by it, and the clients that took part."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from sqlalchemy.orm import Session

from clients.registry import ClientRegistry
from idp.audit.log import NOWHERE, Origin
from idp.core.clock import Clock
from idp.outbox.queue import DeliveryKind, Queue
from idp.sessions.participants import Participant, participants
from idp.sessions.service import Sessions
from idp.tokens import families

# A logout is tried again for about half a day before it is given up and shown to the client's owner.
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Told:
    """A client that took part, and how it learns: by the outbox, by a frame of the page, or only at expiry."""

    client_id: str
    by_backchannel: bool
    frame_uri: str | None


class SessionEnding:
    """Ends sessions; the same way from the logout page, the account centre and an administrator."""

    def __init__(self, *, sessions: Sessions, clients: ClientRegistry, queue: Queue, clock: Clock, issuer: str) -> None:
        self._sessions = sessions
        self._clients = clients
        self._queue = queue
        self._clock = clock
        self._issuer = issuer

    def end(self, session: Session, session_id: str, *, reason: str, origin: Origin = NOWHERE) -> tuple[Told, ...]:
        """End a session in the caller's transaction and return who is told; nobody where it was ended before."""
        if not self._sessions.end(session, session_id, reason=reason, origin=origin):
            return ()
        families.revoke_of_session(session, session_id, reason=reason, at=self._clock.now())
        return tuple(self._tell(session, row) for row in participants(session, session_id))

    def end_others(self, session: Session, person_id: str, *, keep: str | None, reason: str, origin: Origin) -> int:
        """End every live session of a person except `keep`; return how many."""
        ended = [row.id for row in self._sessions.list_live(session, person_id) if row.id != keep]
        for session_id in ended:
            self.end(session, session_id, reason=reason, origin=origin)
        return len(ended)

    def end_all(self, session: Session, person_id: str, *, reason: str) -> int:
        """End every live session of a person for something that the caller audits; return how many."""
        ended = self._sessions.end_all(session, person_id, reason=reason)
        for session_id in ended:
            families.revoke_of_session(session, session_id, reason=reason, at=self._clock.now())
            for row in participants(session, session_id):
                self._tell(session, row)
        return len(ended)

    def end_of_staff(self, session: Session, person_id: str, *, reason: str, origin: Origin = NOWHERE) -> int:
        """End every staff session of a person and leave the citizen's own alone; return how many."""
        ended = self._sessions.staff_sessions_of(session, person_id)
        for session_id in ended:
            self.end(session, session_id, reason=reason, origin=origin)
        return len(ended)

    def _tell(self, session: Session, row: Participant) -> Told:
        client = self._clients.find_in(session, row.client_id)
        if client is None:
            return Told(row.client_id, by_backchannel=False, frame_uri=None)
        if client.backchannel_logout_uri:
            # Only names and ids are kept: the token is minted for each attempt, so it is always fresh.
            payload = {"client_id": row.client_id, "sub": row.sub, "sid": row.sid}
            self._queue.enqueue(
                session,
                DeliveryKind.BACKCHANNEL_LOGOUT,
                payload,
                max_attempts=_ATTEMPTS,
                client_id=row.client_id,
            )
        frame = client.frontchannel_logout_uri
        if frame and client.frontchannel_logout_session_required:
            # OIDC Front-Channel Logout §2: iss and sid are added to the query.
            parts = urlsplit(frame)
            added = urlencode({"iss": self._issuer, "sid": row.sid})
            frame = urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
        return Told(row.client_id, by_backchannel=bool(client.backchannel_logout_uri), frame_uri=frame)
