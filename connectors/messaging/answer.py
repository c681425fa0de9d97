"""Reading a provider's HTTP answer without trusting it."""

import json
import re
from collections.abc import Mapping

from connectors.messaging.message import Outcome, SendResult
from idp.outbound.fetcher import OutboundRefused, OutboundResponse

# A code or an id goes into logs and tables, so nothing that could be a sentence, or hold the number
# that the provider quotes back, comes through.
_PLAIN = re.compile(r"[A-Za-z0-9._:^/-]{1,128}")


def result_of_refusal(refused: OutboundRefused) -> SendResult:
    """Return REJECTED when nothing was sent yet, else UNKNOWN."""
    outcome = Outcome.UNKNOWN if refused.request_sent else Outcome.REJECTED
    return SendResult(outcome, provider_code=f"local.{refused.reason}")


def result_of_status(response: OutboundResponse, *, code: str = "", request_id: str = "") -> SendResult:
    """Return REJECTED for a client error, else UNKNOWN; for answers that are no success.

    408 is UNKNOWN: an intermediary may say it after the provider got everything (RFC 9110 §15.5.9).
    """
    certain = 400 <= response.status < 500 and response.status != 408
    return SendResult(
        Outcome.REJECTED if certain else Outcome.UNKNOWN,
        provider_code=code or f"http.{response.status}",
        request_id=request_id,
    )


def rejected_here(reason: str) -> SendResult:
    """Return REJECTED for a message that we do not even try to hand over."""
    return SendResult(Outcome.REJECTED, provider_code=f"local.{reason}")


def read_object(body: bytes) -> Mapping[str, object]:
    """Return the JSON object in `body`, empty for anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return as_object(value)


def as_object(value: object) -> Mapping[str, object]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def plain(value: object) -> str:
    """Return `value` if it looks like a code or an id, else an empty text."""
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) is not None else ""
