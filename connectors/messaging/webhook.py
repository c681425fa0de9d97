"""Messages to a department's own gateway: a signed webhook."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.messaging.answer import result_of_refusal, result_of_status
from connectors.messaging.message import Message, Outcome, SendResult
from connectors.messaging.receipt import Receipt, ReceiptRefused, read_entries, required_id
from connectors.messaging.webhook_signature import is_signed, sign_webhook
from idp.core.clock import Clock
from idp.outbound.answer import plain, read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused

# RFC 3339 §5.6; fromisoformat alone takes many other forms, and times without a zone.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class WebhookSender:
    """Posts the whole message, wording included, to one address."""

    def __init__(self, *, url: str, secret: str, fetcher: Fetcher, clock: Clock) -> None:
        self._url = url
        self._secret = secret
        self._fetcher = fetcher
        self._clock = clock

    def send(self, message: Message) -> SendResult:
        """Try once to hand `message` over; every failure is a result."""
        body = _body(message)
        timestamp = str(self._clock.epoch())
        headers = {
            "Yihao-Timestamp": timestamp,
            "Yihao-Message-Id": message.id,
            "Yihao-Signature": sign_webhook(secret=self._secret, timestamp=timestamp, message_id=message.id, body=body),
        }
        try:
            response = self._fetcher.post(self._url, body=body, content_type="application/json", headers=headers)
        except OutboundRefused as refused:
            return result_of_refusal(refused)
        # 409: the gateway knows this id from an earlier attempt, so it has the message.
        if 200 <= response.status < 300 or response.status == 409:
            # A gateway without ids of its own reports under ours.
            found = plain(read_object(response.body).get("id")) or message.id
            return SendResult(Outcome.ACCEPTED, f"http.{response.status}", found)
        return result_of_status(response)


def _body(message: Message) -> bytes:
    return json.dumps(
        {
            "id": message.id,
            "channel": message.channel,
            "to": message.to,
            "template": message.template,
            "parameters": dict(message.parameters),
            "text": message.text,
            "locale": message.locale,
        }
    ).encode("ascii")


class WebhookReceipts:
    """Reads the gateway's receipts, signed as our messages are."""

    def __init__(self, *, secret: str, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def parse(self, body: bytes, *, headers: Mapping[str, str]) -> list[Receipt]:
        """Return the receipts of a signed request; raises ReceiptRefused.

        `headers` is looked up by the names as we write them. The same request may come twice within
        the tolerance: receipts are facts, taking one again changes nothing.
        """
        if not is_signed(
            secret=self._secret,
            timestamp=headers.get("Yihao-Timestamp", ""),
            message_id=headers.get("Yihao-Message-Id", ""),
            signature=headers.get("Yihao-Signature", ""),
            body=body,
            now=self._clock.now(),
        ):
            raise ReceiptRefused("the signature of the receipts is wrong or too old")
        return parse_receipts(body)


def parse_receipts(body: bytes) -> list[Receipt]:
    """Return the receipts of a body whose signature was checked; raises ReceiptRefused."""
    return [
        Receipt(
            provider_message_id=required_id(entry.get("id")),
            delivered=entry.get("delivered") is True,
            code=plain(entry.get("code")),
            at=_instant(entry.get("at")),
        )
        for entry in read_entries(body)
    ]


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
