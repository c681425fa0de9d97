"""A stand-in for a department's message gateway: takes signed JSON messages, each id once."""

import hashlib
import hmac
import json
import re
import uuid
from datetime import UTC, datetime

from demo.simulators.exchange import Answered, Asked, ReceiptPost, Taken, recent

_FIELDS = {"id", "channel", "to", "template", "parameters", "text", "locale"}


class MessageWebhook:
    """Knows one shared secret."""

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def judge(self, asked: Asked, ledger: list[Taken]) -> Answered:
        """Check the signature, its age, the fields, then whether the id is new and the number not flooded."""
        stamp = asked.headers.get("yihao-timestamp", "")
        message_id = asked.headers.get("yihao-message-id", "")
        given = asked.headers.get("yihao-signature", "")
        expected = self._signature(stamp, message_id, asked.body)
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            return Answered(401, {"error": "signature"})
        if re.fullmatch(r"[0-9]{10}", stamp) is None or abs(asked.at - int(stamp)) > 300:
            return Answered(401, {"error": "timestamp"})
        try:
            body = json.loads(asked.body)
        except ValueError:
            return Answered(400, {"error": "json"})
        if not isinstance(body, dict) or set(body) != _FIELDS or body["id"] != message_id:
            return Answered(400, {"error": "fields"})
        for taken in ledger:
            if taken.caller_id == message_id:
                return Answered(409, {"id": taken.provider_id})
        if recent(ledger, body["to"], at=asked.at, seconds=60) >= 5:
            return Answered(429, {"error": "limit"})
        taken = Taken(
            provider_id=uuid.uuid4().hex,
            caller_id=message_id,
            to=body["to"],
            template=body["template"],
            parameters=body["parameters"],
            at=asked.at,
        )
        return Answered(202, {"id": taken.provider_id}, taken)

    def receipts(self, messages: list[Taken], *, delivered: bool, at: float) -> ReceiptPost:
        """Return the report, signed as the messages are."""
        report = [
            {
                "id": taken.provider_id,
                "delivered": delivered,
                "code": "delivered" if delivered else "unreachable",
                "at": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}",
            }
            for taken in messages
        ]
        body = json.dumps(report).encode()
        stamp, delivery = str(int(at)), uuid.uuid4().hex
        return ReceiptPost(
            body,
            {
                "Yihao-Timestamp": stamp,
                "Yihao-Message-Id": delivery,
                "Yihao-Signature": self._signature(stamp, delivery, body),
            },
        )

    def _signature(self, stamp: str, message_id: str, body: bytes) -> str:
        mac = hmac.new(self._secret.encode(), digestmod=hashlib.sha256)
        mac.update(stamp.encode() + b"." + message_id.encode() + b".")
        mac.update(body)
        return "v1=" + mac.hexdigest()
