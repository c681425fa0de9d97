"""SSO sessions: started and rotated at every authentication, found by a cookie, ended in one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock, seconds
from idp.core.hashing import hash_secret
from idp.core.ids import new_id, new_secret
from idp.sessions.models import SessionClient, SessionWard, SsoSession
from idp.sessions.presence import is_present
from realname.levels.level import Standing

# `last_seen_at` is written at most this often: a look at a page must not cost a write.
_TOUCH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may idle and live, in seconds (NIST SP 800-63B-4 §2)."""

    idle_seconds: int
    absolute_seconds: int


@dataclass(frozen=True, slots=True)
class Authentication:
    """What a person just proved: methods (RFC 8176), when, and whether these speak for who was proved."""

    person_id: str
    amr: tuple[str, ...]
    auth_time: datetime
    is_vouched: bool = True


def authenticator_level(amr: Iterable[str]) -> int:
    """Return the authenticator level (`aal`) of a set of methods (RFC 8176 names; mission, Levels).

    A password and a code to the phone or from an app are two factors; each alone is one.
    """
    methods = set(amr)
    return 2 if "pwd" in methods and methods & {"otp", "sms"} else 1


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that is neither ended nor over its limits."""

    id: str
    person_id: str
    channel: str
    aal: int
    amr: tuple[str, ...]
    auth_time: datetime
    created_at: datetime
    expires_at: datetime
    device_id: str | None
    is_staff: bool
    last_seen_at: datetime
    #: Whether what it was opened with speaks for the person who was proved; else it carries no proofing.
    is_vouched: bool = True
    #: Until when its person counts as present at a counter (see `presence`).
    present_until: datetime | None = None

    def standing(self, ial: int, now: datetime) -> Standing:
        """Return what this login rests on, with its person's identity level at that instant."""
        return Standing(ial, self.aal, self.channel, is_present(self.present_until, now))


class Sessions:
    """The rules of SSO sessions; every method runs in the caller's transaction."""

    def __init__(self, *, clock: Clock, citizen: Limits, staff: Limits) -> None:
        self._clock = clock
        self._citizen = citizen
        self._staff = staff

    def find(self, session: Session, handle: str | None, *, is_staff: bool = False) -> LiveSession | None:
        """Return the live session of a cookie's handle, or None; reads only.

        A citizen's handle finds nothing among the sessions of staff, whichever cookie it lies in, nor the reverse.
        """
        if not handle or len(handle) > 64:
            return None
        row = session.scalar(sa.select(SsoSession).where(SsoSession.handle_hash == hash_secret(handle)))
        live = self.live_of(row)
        return live if live is not None and live.is_staff is is_staff else None

    def find_by_id(self, session: Session, session_id: str) -> LiveSession | None:
        """Return the live session of that id, or None."""
        return self.live_of(session.get(SsoSession, session_id))

    def is_touch_due(self, last_seen_at: datetime) -> bool:
        """Tell whether it is time to note again that a session is in use."""
        return self._clock.now() - last_seen_at >= seconds(_TOUCH_SECONDS)

    def touch(self, session: Session, session_id: str) -> None:
        """Note that the session is in use."""
        session.execute(
            sa.update(SsoSession)
            .where(SsoSession.id == session_id, SsoSession.ended_at.is_(None))
            .values(last_seen_at=self._clock.now())
        )

    def start(
        self,
        session: Session,
        authentication: Authentication,
        *,
        channel: str,
        device_id: str | None,
        device_label: str,
        is_staff: bool = False,
        replaces: LiveSession | None = None,
    ) -> tuple[LiveSession, str]:
        """Start a session, or rotate the handle of `replaces` where the same person authenticated again.

        Returns the session and its new handle (ASVS 7.2.4: a new one at every authentication). A session of
        somebody else is never continued.
        """
        now = self._clock.now()
        handle = new_secret()
        if replaces is not None and replaces.person_id == authentication.person_id and replaces.is_staff is is_staff:
            row = session.get_one(SsoSession, replaces.id)
            row.handle_hash = hash_secret(handle)
            # A second factor added to a first one keeps both; a repeated first one replaces only its time.
            row.amr = sorted({*row.amr, *authentication.amr})
            row.aal = authenticator_level(row.amr)
            row.auth_time, row.last_seen_at = authentication.auth_time, now
            row.is_vouched = row.is_vouched or authentication.is_vouched
            session.flush()
            return self._record_of(row), handle
        limits = self._staff if is_staff else self._citizen
        row = SsoSession(
            id=new_id(),
            handle_hash=hash_secret(handle),
            person_id=authentication.person_id,
            is_staff=is_staff,
            channel=channel,
            aal=authenticator_level(authentication.amr),
            amr=list(authentication.amr),
            auth_time=authentication.auth_time,
            is_vouched=authentication.is_vouched,
            device_id=device_id,
            device_label=device_label,
            created_at=now,
            last_seen_at=now,
            expires_at=now + seconds(limits.absolute_seconds),
        )
        session.add(row)
        session.flush()
        return self._record_of(row), handle

    def vouch(self, session: Session, session_id: str) -> None:
        """Let a session carry proofings: what it was opened with was presented when its person was proved."""
        session.execute(sa.update(SsoSession).where(SsoSession.id == session_id).values(is_vouched=True))

    def find_by_sid(self, session: Session, client_id: str, sid: str) -> LiveSession | None:
        """Return the live session that a client knows by `sid`, or None."""
        row = None
        for joined in (SessionClient, SessionWard):
            row = row or session.scalar(
                sa.select(SsoSession)
                .join(joined, joined.session_id == SsoSession.id)
                .where(joined.client_id == client_id, joined.sid == sid)
            )
        return self.live_of(row)

    def list_live(self, session: Session, person_id: str) -> tuple[SsoSession, ...]:
        """Return a person's live sessions, the latest used first."""
        rows = session.scalars(
            sa.select(SsoSession)
            .where(SsoSession.person_id == person_id, SsoSession.ended_at.is_(None))
            .order_by(SsoSession.last_seen_at.desc())
        )
        return tuple(row for row in rows if self.live_of(row) is not None)

    def staff_sessions_of(self, session: Session, person_id: str) -> tuple[str, ...]:
        """Return the ids of a person's staff sessions that were not ended, over their limits or not."""
        rows = session.scalars(
            sa.select(SsoSession.id).where(
                SsoSession.person_id == person_id, SsoSession.is_staff, SsoSession.ended_at.is_(None)
            )
        )
        return tuple(rows)

    def end(self, session: Session, session_id: str, *, reason: str, origin: Origin = NOWHERE) -> bool:
        """End a session; False where it was ended before. One audit row for one end."""
        now = self._clock.now()
        ended = session.execute(
            sa.update(SsoSession)
            .where(SsoSession.id == session_id, SsoSession.ended_at.is_(None))
            .values(ended_at=now, end_reason=reason)
            .returning(SsoSession.person_id)
        ).one_or_none()
        if ended is None:
            return False
        record(
            session,
            Event.SESSION_ENDED,
            at=now,
            reason=reason,
            person_id=ended.person_id,
            session_id=session_id,
            origin=origin,
        )
        return True

    def end_all(self, session: Session, person_id: str, *, reason: str) -> tuple[str, ...]:
        """End every live session of a person and return their ids; the caller audits it."""
        live = [row.id for row in self.list_live(session, person_id)]
        ended = session.scalars(
            sa.update(SsoSession)
            .where(SsoSession.id.in_(live), SsoSession.ended_at.is_(None))
            .values(ended_at=self._clock.now(), end_reason=reason)
            .returning(SsoSession.id)
        ).all()
        return tuple(ended)

    def idle_parameters(self) -> dict[str, datetime]:
        """Return since when a session must have been seen, for statements that judge it themselves."""
        now = self._clock.now()
        return {
            "staff_since": now - seconds(self._staff.idle_seconds),
            "citizen_since": now - seconds(self._citizen.idle_seconds),
        }

    def live_of(self, row: Any) -> LiveSession | None:
        """Return the session of a row that has the session's columns, None where it ended or is over its limits."""
        if row is None or row.ended_at is not None:
            return None
        now = self._clock.now()
        limits = self._staff if row.is_staff else self._citizen
        if row.expires_at <= now or row.last_seen_at + seconds(limits.idle_seconds) <= now:
            return None
        return self._record_of(row)

    def _record_of(self, row: Any) -> LiveSession:
        return LiveSession(
            id=row.id,
            person_id=row.person_id,
            channel=row.channel,
            aal=row.aal,
            amr=tuple(row.amr),
            auth_time=row.auth_time,
            created_at=row.created_at,
            expires_at=row.expires_at,
            device_id=row.device_id,
            is_staff=row.is_staff,
            last_seen_at=row.last_seen_at,
            is_vouched=row.is_vouched,
            present_until=row.present_until,
        )
