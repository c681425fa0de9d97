"""What a provider's HTTP answer means for the message, where its own words do not say."""

from connectors.messaging.message import Outcome, SendResult
from idp.outbound.fetcher import OutboundRefused, OutboundResponse


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
