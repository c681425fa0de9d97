"""The comparisons of faces that a simulated service has begun, and what the person did on its page."""

import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Choice(StrEnum):
    """What the person lets happen before the pretended camera."""

    PASS = "pass"  # noqa: S105
    NOT_ALIKE = "not_alike"
    ATTACK = "attack"
    CANCEL = "cancel"
    UNKNOWN = "unknown"  # the network identity alone: there is none


@dataclass(frozen=True, slots=True)
class FaceSession:
    """One comparison: for whom, where the browser goes afterwards, and what was done.

    `token` is what the caller asks with; `page` is in the address; `form_token` is in the form.
    `asks_again` makes the page ask for number and name, and `number` and `name` what was typed there.
    """

    token: str
    number: str
    name: str
    return_url: str
    begun_at: float
    order: str = ""
    asks_again: bool = False
    page: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    choice: Choice | None = None


class FaceSessions:
    """All comparisons of one service; the page of each lives so long and is used once."""

    def __init__(self, *, page_seconds: float) -> None:
        self.page_seconds = page_seconds
        self._by_token: dict[str, FaceSession] = {}

    def add(self, session: FaceSession) -> None:
        """Keep a session that has just begun."""
        self._by_token[session.token] = session

    def with_token(self, token: str) -> FaceSession | None:
        """Return the session that the caller asks about."""
        return self._by_token.get(token)

    def with_page(self, page: str) -> FaceSession | None:
        """Return the session whose page it is."""
        return next((session for session in self._by_token.values() if session.page == page), None)

    def is_over(self, session: FaceSession, *, at: float) -> bool:
        """Tell whether the page was used or is too old."""
        return session.choice is not None or at - session.begun_at > self.page_seconds

    def choose(self, session: FaceSession, choice: Choice, *, number: str, name: str) -> FaceSession:
        """Note what the person did, and for whom they say they are where the page asks."""
        done = replace(session, choice=choice)
        if session.asks_again:
            done = replace(done, number=number, name=name)
        self._by_token[session.token] = done
        return done
