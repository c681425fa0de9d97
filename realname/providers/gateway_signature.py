"""The signature between us and the gateway to the national network identity service: HMAC-SHA256, both ways.

An answer is signed over the id of the very request that it answers, so neither an earlier one, nor one to another
action, nor our own request sent back, is taken for it (docs/operations.md, the gateway).
"""

import hmac
import re
from datetime import datetime
from enum import StrEnum

VERSION_PREFIX = "v1="
TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class Direction(StrEnum):
    """Which way a message goes; signed, so that none is taken for the other."""

    REQUEST = "request"
    ANSWER = "answer"


def sign_gateway(
    *, secret: str, direction: Direction, action: str, timestamp: str, request_id: str, body: bytes
) -> str:
    """Return the value of Yihao-Signature."""
    signed = f"{direction}.{action}.{timestamp}.{request_id}.".encode() + body
    return VERSION_PREFIX + hmac.digest(secret.encode(), signed, "sha256").hex()


def is_signed_answer(
    *, secret: str, action: str, timestamp: str, request_id: str, signature: str, body: bytes, now: datetime
) -> bool:
    """Tell whether the signature of an answer to this request fits and was made within five minutes of `now`."""
    if _TIMESTAMP.fullmatch(timestamp) is None or abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = sign_gateway(
        secret=secret,
        direction=Direction.ANSWER,
        action=action,
        timestamp=timestamp,
        request_id=request_id,
        body=body,
    )
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
