"""Older systems that can be asked while somebody logs in: one face for directories, databases and services.

Asking costs two seconds at most, and nothing while the system has failed several times in a row.
"""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from idp.core.clock import Clock
from idp.core.errors import ConnectorError
from realname.providers.breaker import Breaker

#: As long as a login waits for an older system.
TIMEOUT_SECONDS = 2.0

#: Longer logins and passwords are nobody's.
MAX_TYPED = 256

_MAX_CELL = 2000


@dataclass(frozen=True, slots=True, repr=False)
class LiveRow:
    """One account as the system has it now, field by field; empty where it says nothing. Its repr shows none of it.

    `password` and `salt` are the stored ones, from systems that give them out and leave the comparison to us.
    """

    reference: str
    login: str = ""
    document_type: str = ""
    number: str = ""
    name: str = ""
    former_name: str = ""
    mobile: str = ""
    email: str = ""
    birth_date: str = ""
    gender: str = ""
    address: str = ""
    organisation: str = ""
    status: str = ""
    registered_at: str = ""
    last_login_at: str = ""
    password: str = ""
    salt: str = ""

    def __repr__(self) -> str:
        return "LiveRow()"


#: What a source's columns may be joined to.
LIVE_FIELDS = frozenset(each.name for each in fields(LiveRow))


class LiveSource(Protocol):
    """An older system that is asked; both raise ConnectorError where it gives no answer that can be read."""

    def find(self, login: str) -> LiveRow | None:
        """Return the one account that the login names, None where there is none or more than one."""

    def verify(self, login: str, password: str) -> bool | None:
        """Tell whether the password is this login's; None where the system leaves that to us."""


class Word(StrEnum):
    """What a system said of a login and a password."""

    RIGHT = "right"
    WRONG = "wrong"  # or there is no such account
    COMPARE = "compare"  # the row holds the stored password; the system itself does not say
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What was said, and the account, unless the answer is no."""

    word: Word
    row: LiveRow | None = field(default=None, repr=False)


class GuardedSource:
    """Asks a source within a circuit breaker; never raises, and asks twice whatever the first answer was."""

    def __init__(self, *, source: LiveSource, breaker: Breaker, clock: Clock) -> None:
        self._source = source
        self._breaker = breaker
        self._clock = clock

    def ask(self, login: str, password: str) -> LiveAnswer:
        """Return what the system says now. An unknown login costs it as many questions as a known one."""
        if not login or not password or len(login) > MAX_TYPED or len(password) > MAX_TYPED:
            # Directories take an empty password for no login at all, and say yes to it (RFC 4513 §5.1.2).
            return LiveAnswer(Word.WRONG)
        if not self._breaker.lets_through():
            return LiveAnswer(Word.UNAVAILABLE)
        until = self._clock.now() + timedelta(seconds=TIMEOUT_SECONDS)
        try:
            row = self._source.find(login)
            if self._clock.now() >= until:
                raise ConnectorError("an older system took too long")
            is_right = self._source.verify(login, password)
        except ConnectorError:
            self._breaker.note(has_answered=False)
            return LiveAnswer(Word.UNAVAILABLE)
        self._breaker.note(has_answered=True)
        if row is None or is_right is False:
            return LiveAnswer(Word.WRONG)
        return LiveAnswer(Word.COMPARE if is_right is None else Word.RIGHT, row)


def live_row(values: dict[str, str]) -> LiveRow | None:
    """Return the row of named fields, None where it has no reference; raises ConnectorError where a cell is absurd."""
    if any(len(value) > _MAX_CELL or "\x00" in value for value in values.values()):
        raise ConnectorError("an older system gave a cell that cannot be one")
    row = LiveRow(**{"reference": "", **{name: value for name, value in values.items() if name in LIVE_FIELDS}})
    return row if row.reference else None
