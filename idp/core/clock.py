"""The one source of time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CIVIL_ZONE = ZoneInfo("Asia/Shanghai")


class Clock:
    """Tells the present instant; tests hand in a subclass that stands still."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def epoch(self) -> int:
        """Return the present instant as whole seconds since 1970 (RFC 7519 §2 NumericDate)."""
        return int(self.now().timestamp())


def civil_date(instant: datetime) -> date:
    """Return the calendar day of `instant` in China: ages and card expiry are counted by it."""
    return instant.astimezone(CIVIL_ZONE).date()


def start_of(day: date) -> datetime:
    """Return the instant, in UTC, at which that calendar day begins in China."""
    return datetime.combine(day, time.min, CIVIL_ZONE).astimezone(UTC)


def seconds(value: int) -> timedelta:
    """Return a duration of `value` seconds; settings carry plain numbers with the unit in their name."""
    return timedelta(seconds=value)
