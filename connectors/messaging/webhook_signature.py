"""The signature on our webhook, in both directions: HMAC-SHA256 over time, id and body."""

import hmac
import re
from datetime import datetime

VERSION_PREFIX = "v1="
TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def sign_webhook(*, secret: str, timestamp: str, message_id: str, body: bytes) -> str:
    """Return the value of Yihao-Signature."""
    signed = f"{timestamp}.{message_id}.".encode() + body
    return VERSION_PREFIX + hmac.digest(secret.encode(), signed, "sha256").hex()


def is_signed(*, secret: str, timestamp: str, message_id: str, signature: str, body: bytes, now: datetime) -> bool:
    """Tell whether the signature fits and was made within five minutes of `now`."""
    if _TIMESTAMP.fullmatch(timestamp) is None:
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = sign_webhook(secret=secret, timestamp=timestamp, message_id=message_id, body=body)
    return hmac.compare_digest(expected.encode("utf-8", "surrogatepass"), signature.encode("utf-8", "surrogatepass"))
