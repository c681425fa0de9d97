"""A person's own sessions: listing them and stopping them, with the clients that took part told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.login.account.current_password import Holder
from idp.login.messages import Messages, civil_time
from idp.persons.directory import Directory
from idp.sessions.ending import SessionEnding
from idp.sessions.participants import Participant, participants
from idp.sessions.service import Sessions
from idp.storage.engine import Database
from realname.documents.masking import mask_name

_REASON = "stopped_by_person"


@dataclass(frozen=True, slots=True)
class Use:
    """A client that took part in a session; `child` is the masked name of whom the person acted for there."""

    client_id: str
    child: str | None


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One place where the person is logged in, and which clients took part."""

    id: str
    is_current: bool
    channel: str
    device_label: str
    started_at: datetime
    last_seen_at: datetime
    uses: tuple[Use, ...]
    is_staff: bool


class OwnSessions:
    """Lists and stops the sessions of who is logged in, and of nobody else."""

    def __init__(
        self,
        *,
        database: Database,
        sessions: Sessions,
        directory: Directory,
        ending: SessionEnding,
        messages: Messages,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._directory = directory
        self._ending = ending
        self._messages = messages
        self._clock = clock

    def all(self, holder: Holder) -> tuple[OwnSession, ...]:
        """Return the live sessions, the latest used first."""
        with self._database.read() as session:
            return tuple(
                OwnSession(
                    row.id,
                    row.id == holder.session_id,
                    row.channel,
                    row.device_label,
                    row.created_at,
                    row.last_seen_at,
                    tuple(self._use(session, each) for each in participants(session, row.id)),
                    row.is_staff,
                )
                for row in self._sessions.list_live(session, holder.person_id)
            )

    def _use(self, session: Session, participant: Participant) -> Use:
        if participant.ward_id is None:
            return Use(participant.client_id, None)
        profile = self._directory.profile(session, participant.ward_id)
        return Use(participant.client_id, mask_name(profile.full_name or ""))

    def stop(self, holder: Holder, session_id: str, *, origin: Origin) -> bool:
        """Stop another session of the person; False where they have no such live session."""
        with self._database.transaction() as session:
            live = self._sessions.find_by_id(session, session_id)
            # Unknown, ended and somebody else's are told alike.
            if live is None or live.person_id != holder.person_id or live.id == holder.session_id:
                return False
            self._ending.end(session, live.id, reason=_REASON, origin=origin)
            return True

    def stop_others(self, holder: Holder, *, locale: str, origin: Origin) -> int:
        """Stop every session but this one and tell the contacts; return how many there were."""
        with self._database.transaction() as session:
            ended = self._ending.end_others(
                session, holder.person_id, keep=holder.session_id, reason=_REASON, origin=origin
            )
            if ended:
                parameters = {"time": civil_time(self._clock.now())}
                self._messages.notify(session, holder.person_id, "sessions_ended", parameters, locale=locale)
        return ended
