"""A portal's own sessions, kept in this process so that a back-channel logout can end them."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, Request, Response
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin

from demo.portals.settings import PortalSettings

MAX_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Login:
    """What one completed login brought: the raw ID token and the two sets of claims."""

    id_token: str = field(repr=False)
    id_claims: dict[str, Any]
    userinfo: dict[str, Any]

    @property
    def claims(self) -> dict[str, Any]:
        """Return both sets as one; the ID token, which is signed, wins."""
        return {**self.userinfo, **self.id_claims}


class PortalSession(dict[str, Any], SessionMixin):
    """One browser's session; `key` is the cookie's value, None until it is first stored."""

    key: str | None = None
    created_at: float = 0.0
    seen_at: float = 0.0

    @property
    def login(self) -> Login | None:
        """Return the login of this session, or None for a visitor."""
        return self.get("login")


#: The session of the request being answered: Flask's own proxy, with this portal's type.
current = cast(PortalSession, flask_session)


class SessionStore:
    """The sessions of one portal, by the random value of their cookie."""

    def __init__(self, *, now: Callable[[], float], idle_seconds: int, lifetime_seconds: int) -> None:
        self._now = now
        self._idle_seconds = idle_seconds
        self._lifetime_seconds = lifetime_seconds
        self._lock = threading.Lock()
        self._sessions: dict[str, PortalSession] = {}

    def find(self, key: str) -> PortalSession | None:
        """Return the live session of this cookie and note that it was seen, or None."""
        with self._lock:
            session = self._sessions.get(key)
            if session is None or self._is_over(session):
                self._sessions.pop(key, None)
                return None
            session.seen_at = self._now()
            return session

    def add(self, session: PortalSession) -> str:
        """Store a session under a fresh random key and return that key."""
        with self._lock:
            for key in [key for key, other in self._sessions.items() if self._is_over(other)]:
                del self._sessions[key]
            while len(self._sessions) >= MAX_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            key = secrets.token_urlsafe(32)
            session.key = key
            session.created_at = session.seen_at = self._now()
            self._sessions[key] = session
            return key

    def drop(self, session: PortalSession) -> None:
        """Forget a session; it gets a new key if it is stored again, which stops fixation at login."""
        with self._lock:
            if session.key is not None:
                self._sessions.pop(session.key, None)
            session.key = None

    def end(self, *, sid: str | None, sub: str | None) -> int:
        """End every login with this `sid`, or without a `sid` every login of `sub`; return how many.

        OpenID Connect Back-Channel Logout 1.0 §2.7.
        """
        with self._lock:
            ended = [
                key
                for key, session in self._sessions.items()
                if session.login is not None and _is_meant(session.login, sid, sub)
            ]
            for key in ended:
                del self._sessions[key]
        return len(ended)

    def _is_over(self, session: PortalSession) -> bool:
        now = self._now()
        return now - session.seen_at > self._idle_seconds or now - session.created_at > self._lifetime_seconds


class ServerSideSessions(SessionInterface):
    """Gives Flask the sessions of a store; only the random key travels."""

    def __init__(self, *, store: SessionStore, settings: PortalSettings) -> None:
        self._store = store
        self._settings = settings

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        """Return the browser's live session, or a new one that is not stored yet."""
        key = request.cookies.get(self._settings.cookie_name, "")
        return self._store.find(key) or PortalSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store a new session that holds something and send its key."""
        if not isinstance(session, PortalSession) or not session or session.key is not None:
            # A stored session is kept up to date in place. One that the back channel ended
            # while this request ran must not come back, so it is never stored a second time.
            return
        response.set_cookie(
            self._settings.cookie_name,
            self._store.add(session),
            httponly=True,
            samesite="Lax",
            secure=self._settings.is_https,
        )


def _is_meant(login: Login, sid: str | None, sub: str | None) -> bool:
    if sub is not None and login.id_claims.get("sub") != sub:
        return False
    return sid is None or login.id_claims.get("sid") == sid
