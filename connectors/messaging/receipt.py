"""What a provider later says about a message: did it arrive."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from idp.core.clock import CIVIL_ZONE
from idp.core.errors import ConnectorError
from idp.outbound.answer import plain


@dataclass(frozen=True, slots=True)
class Receipt:
    """One message's fate; `code` is the provider's or the carrier's, `at` in UTC or unsaid."""

    provider_message_id: str
    delivered: bool
    code: str
    at: datetime | None


class ReceiptRefused(ConnectorError):
    """The body is no list of receipts, or its signature is wrong; the text quotes nothing of it."""


def read_entries(body: bytes) -> list[dict[str, object]]:
    """Return the objects of a JSON array; raises ReceiptRefused on anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ReceiptRefused("receipts are not JSON") from None
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ReceiptRefused("receipts are not a list of objects")
    return value


def required_id(value: object) -> str:
    """Return a provider's message id; raises ReceiptRefused when it cannot be one."""
    found = plain(value)
    if not found:
        raise ReceiptRefused("a receipt lacks its message id")
    return found


def china_time(value: object) -> datetime | None:
    """Return the instant of "2026-01-31 08:00:00" in China; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        # Both clouds write Beijing time without saying so.
        naive = datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    return naive.replace(tzinfo=CIVIL_ZONE).astimezone(UTC)
