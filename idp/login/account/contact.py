"""Changing the mobile number: the current password, then a code to the new number.

The page is the same whether anybody holds the new number; the truth goes to that number alone.
"""

from typing import Any, NoReturn

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.core.results import Ok
from idp.login.account.current_password import CurrentPassword, Holder
from idp.login.new_mobile import NewMobile
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import FieldRefusal, Refusal
from idp.persons.contact_numbers import parse_mobile
from idp.persons.directory import Directory
from idp.persons.roles import is_staff
from idp.sessions.service import Sessions
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore


class ContactChange:
    """Gives a person another verified mobile; what is under way belongs to one session."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        current: CurrentPassword,
        sessions: Sessions,
        directory: Directory,
        codes: OneTimeCodes,
        new: NewMobile,
        clock: Clock,
        life_seconds: int,
    ) -> None:
        self._database = database
        self._store = store
        self._current = current
        self._sessions = sessions
        self._directory = directory
        self._codes = codes
        self._new = new
        self._clock = clock
        self._life_seconds = life_seconds

    def parked(self, holder: Holder) -> dict[str, Any] | None:
        """Return the change that this session has under way, or None."""
        document = self._store.get(Kind.CONTACT_CHANGE, holder.session_id)
        return document if document is not None and document["person_id"] == holder.person_id else None

    def check(self, typed: str) -> tuple[FieldRefusal, ...]:
        """Return what is wrong with the number, before the password costs a try."""
        return () if isinstance(parse_mobile(typed), Ok) else (FieldRefusal("mobile", Refusal.MOBILE),)

    def start(self, holder: Holder, current: str, typed: str, *, locale: str, origin: Origin) -> None:
        """Send a code to the new number; raises LoginRefused."""
        parsed = parse_mobile(typed)
        if not isinstance(parsed, Ok):
            raise LoginRefused(Refusal.MOBILE)
        attempt = self._current.attempt(holder, current)
        with self._database.transaction() as session:
            self._current.settle(session, attempt, origin=origin)
            self._refuse_staff_by_password(session, holder)
            own = self._directory.mobile(session, holder.person_id)
            if own is not None and own.value == parsed.value:
                raise LoginRefused(Refusal.MOBILE_SAME)
        self._send(holder, parsed.value, locale, origin)

    def resend(self, holder: Holder, *, locale: str, origin: Origin) -> None:
        """Send another code once the wait is over; the one before it fits no more. Raises LoginRefused."""
        parked = self.parked(holder)
        if parked is not None and self._codes.resend_after(parked) == 0:
            self._send(holder, parked["mobile"], locale, origin)

    def submit(self, holder: Holder, typed: str, *, locale: str, origin: Origin) -> str | None:
        """Make the new number the person's and tell the old contacts and the new one; raises LoginRefused.

        Returns the number where it was proved but another account has it, None where it was changed.
        """
        parked = self.parked(holder)
        if parked is None:
            raise LoginRefused(Refusal.CODE, detail="no change is under way")
        mobile: str = parked["mobile"]
        with self._database.transaction() as session:
            allowed = self._codes.reserve(session, parked)
        is_right = self._codes.is_right(parked, typed) and allowed
        with self._database.transaction() as session:
            live = self._sessions.find_by_id(session, holder.session_id)
            if live is None or live.person_id != holder.person_id:
                self._refuse(session, holder, "session_ended", origin)
            if not is_right or not self._codes.use(session, parked):
                self._refuse(session, holder, "wrong_code", origin)
            self._refuse_staff_by_password(session, holder)
            is_bound = self._new.bind(session, holder.person_id, mobile, locale=locale, origin=origin)
            if not is_bound:
                self._note_refusal(session, holder, "mobile_taken", origin)
        self._store.delete(Kind.CONTACT_CHANGE, holder.session_id)
        return None if is_bound else mobile

    def _send(self, holder: Holder, mobile: str, locale: str, origin: Origin) -> None:
        self._new.count(mobile)
        with self._database.transaction() as session:
            parked = self._new.send(
                session, holder.person_id, mobile, session_id=holder.session_id, locale=locale, origin=origin
            )
        self._store.put(Kind.CONTACT_CHANGE, holder.session_id, parked, seconds=self._life_seconds)

    def _refuse_staff_by_password(self, session: Session, holder: Holder) -> None:
        """Raise LoginRefused where staff come with a password alone: the mobile is what their app is set up by."""
        if not is_staff(session, holder.person_id):
            return
        live = self._sessions.find_by_id(session, holder.session_id)
        if live is None or "otp" not in live.amr:
            raise LoginRefused(Refusal.STAFF_LOGIN_FIRST)

    def _refuse(self, session: Session, holder: Holder, reason: str, origin: Origin) -> NoReturn:
        self._note_refusal(session, holder, reason, origin)
        raise LoginRefused(Refusal.CODE, detail=reason)

    def _note_refusal(self, session: Session, holder: Holder, reason: str, origin: Origin) -> None:
        record(
            session,
            Event.CONTACT_CHANGED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=holder.person_id,
            session_id=holder.session_id,
            origin=origin,
        )
