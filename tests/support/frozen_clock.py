"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

from idp.core.clock import Clock

#: Where every test begins.
START = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


class FrozenClock(Clock):
    """Tells the instant that the test chose."""

    def __init__(self, instant: datetime = START) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """Return the chosen instant."""
        return self.instant

    def advance(self, **duration: float) -> None:
        """Move forward by a timedelta's arguments."""
        self.instant += timedelta(**duration)
