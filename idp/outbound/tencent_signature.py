"""Signing a request to Tencent Cloud API 3.0 (TC3-HMAC-SHA256, "signature method v3")."""

import hashlib
import hmac
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
_SIGNED_HEADERS = "content-type;host;x-tc-action"


def sign_tencent(
    *,
    secret_id: str,
    secret_key: str,
    service: str,
    host: str,
    action: str,
    body: bytes,
    now: datetime,
) -> dict[str, str]:
    """Return the Authorization, X-TC-Action and X-TC-Timestamp fields of a POST to "/".

    `host` is the Host field as sent, `body` the exact JSON bytes sent with `CONTENT_TYPE`. The caller
    adds X-TC-Version and X-TC-Region, which are not signed. Valid for five minutes around `now`.
    """
    instant = now.astimezone(UTC)
    timestamp = str(int(instant.timestamp()))
    # The day is that of UTC: in China it differs from the civil day until 08:00.
    scope = f"{instant:%Y-%m-%d}/{service}/tc3_request"
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n",
            _SIGNED_HEADERS,
            hashlib.sha256(body).hexdigest(),
        )
    )
    to_sign = "\n".join((ALGORITHM, timestamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"TC3{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return {
        "Authorization": (
            f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={_SIGNED_HEADERS}, Signature={signature}"
        ),
        "X-TC-Action": action,
        "X-TC-Timestamp": timestamp,
    }
