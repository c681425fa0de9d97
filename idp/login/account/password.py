"""Changing the password."""

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.core.hashing import secrets_equal
from idp.login.account.current_password import CurrentPassword, Holder
from idp.login.new_password import NewPassword
from idp.login.password_replacement import PasswordReplacement
from idp.login.refusal import FieldRefusal, Refusal
from idp.sessions.service import Authentication, Sessions
from idp.storage.engine import Database


class PasswordChange:
    """Replaces the password of who knows the current one, and ends everything else that is open."""

    def __init__(
        self,
        *,
        database: Database,
        current: CurrentPassword,
        new: NewPassword,
        replacement: PasswordReplacement,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._current = current
        self._new = new
        self._replacement = replacement
        self._sessions = sessions
        self._clock = clock

    def check(self, holder: Holder, new: str) -> tuple[FieldRefusal, ...]:
        """Return what is wrong with the new password, before the current one costs a try."""
        refusal = self._new.refusal(holder.person_id, new)
        return (FieldRefusal("password", refusal),) if refusal else ()

    def change(self, holder: Holder, current: str, new: str, *, locale: str, origin: Origin) -> str:
        """Change it and return the session's new handle; raises LoginRefused.

        Other sessions and every refresh token end; the session goes on under a new handle (ASVS 7.2.4), so
        that a stolen cookie of it ends as well.
        """
        self._new.check(holder.person_id, new)
        attempt = self._current.attempt(holder, current)
        new_hash = self._new.hash(new)
        with self._database.transaction() as session:
            self._current.settle(session, attempt, origin=origin)
            if secrets_equal(current, new):
                raise LoginRefused(Refusal.PASSWORD_SAME)
            return self._replace(session, holder, new_hash, locale, origin)

    def _replace(self, session: Session, holder: Holder, new_hash: str, locale: str, origin: Origin) -> str:
        now, person_id = self._clock.now(), holder.person_id
        live = self._sessions.find_by_id(session, holder.session_id)
        assert live is not None  # noqa: S101 - `settle` found it in this transaction
        self._replacement.replace(
            session,
            person_id,
            new_hash,
            keep=live.id,
            locale=locale,
            origin=origin,
            is_vouched=live.is_vouched,
        )
        _, handle = self._sessions.start(
            session,
            Authentication(person_id, ("pwd",), now, live.is_vouched),
            channel=live.channel,
            device_id=live.device_id,
            device_label="",
            replaces=live,
        )
        return handle
