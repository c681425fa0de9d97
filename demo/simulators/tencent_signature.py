"""How Tencent Cloud checks a request's TC3-HMAC-SHA256."""

import hashlib
import hmac
import re
from datetime import UTC, datetime

from demo.simulators.exchange import Asked

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/ ]+)/([0-9]{4}-[0-9]{2}-[0-9]{2})/([a-z]+)/tc3_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


def signature_problem(asked: Asked, *, secret_id: str, secret_key: str, service: str) -> str:
    """Return the code with which the request is refused, empty where its signature holds."""
    found = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
    stamp = asked.headers.get("x-tc-timestamp", "")
    if found is None or re.fullmatch(r"[0-9]{10}", stamp) is None:
        return "AuthFailure.InvalidAuthorization"
    key_id, day, scope, names, signature = found.groups()
    if key_id != secret_id:
        return "AuthFailure.SecretIdNotFound"
    if abs(asked.at - int(stamp)) > 300:
        return "AuthFailure.SignatureExpire"
    signed = names.split(";")
    if signed != sorted(signed) or not {"content-type", "host"} <= set(signed):
        return "AuthFailure.InvalidAuthorization"
    if scope != service or day != datetime.fromtimestamp(int(stamp), UTC).date().isoformat():
        return "AuthFailure.SignatureFailure"
    header_lines = "".join(f"{name}:{asked.headers.get(name, '').strip().lower()}\n" for name in signed)
    request_text = (
        f"{asked.method}\n{asked.path}\n{asked.query}\n{header_lines}\n{names}\n"
        + hashlib.sha256(asked.body).hexdigest()
    )
    text = (
        f"TC3-HMAC-SHA256\n{stamp}\n{day}/{service}/tc3_request\n" + hashlib.sha256(request_text.encode()).hexdigest()
    )
    date_key = _mac(b"TC3" + secret_key.encode(), day)
    signing_key = _mac(_mac(date_key, service), "tc3_request")
    if not hmac.compare_digest(_mac(signing_key, text).hex(), signature):
        return "AuthFailure.SignatureFailure"
    return ""


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
