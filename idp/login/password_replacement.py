"""Another password in the place of the present one: stored, everything else that was open ended, everybody told."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.login.messages import Messages, civil_time
from idp.persons import credentials, recoveries
from idp.sessions.ending import SessionEnding
from idp.tokens import families

_REASON = "password_changed"


class PasswordReplacement:
    """Replaces the password of who proved to be its owner, within the caller's transaction."""

    def __init__(self, *, ending: SessionEnding, messages: Messages, clock: Clock) -> None:
        self._ending = ending
        self._messages = messages
        self._clock = clock

    def replace(
        self,
        session: Session,
        person_id: str,
        new_hash: str,
        *,
        keep: str | None,
        locale: str,
        origin: Origin,
        is_vouched: bool = False,
    ) -> datetime:
        """Store the hash and return since when it counts; `is_vouched` where the session at hand carries proofings.

        Every session but `keep`, every token and every waiting recovery end with the old one.
        """
        now = self._clock.now()
        credentials.change_password(session, person_id, new_hash, at=now, origin=origin, is_vouched=is_vouched)
        recoveries.cancel(session, person_id, reason=_REASON, at=now, origin=origin)
        self._ending.end_others(session, person_id, keep=keep, reason=_REASON, origin=origin)
        families.revoke_of_person(session, person_id, reason=_REASON, at=now)
        self._messages.notify(session, person_id, _REASON, {"time": civil_time(now)}, locale=locale)
        return now
