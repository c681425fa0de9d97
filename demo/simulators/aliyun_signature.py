"""How Alibaba Cloud checks a request's ACS3-HMAC-SHA256."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from demo.simulators.exchange import Asked

_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=([^, ]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})"
)


class Signatures:
    """Knows one key pair and the nonces that were used."""

    def __init__(self, *, access_key_id: str, access_key_secret: str) -> None:
        self._access_key_id = access_key_id
        self._access_key_secret = access_key_secret
        self._nonces: set[str] = set()

    def problem(self, asked: Asked) -> tuple[int, str]:
        """Return the status and code with which the request is refused, an empty code where its signature holds."""
        headers = asked.headers
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            return 400, "IncompleteSignature"
        key_id, names, signature = found.groups()
        if key_id != self._access_key_id:
            return 404, "InvalidAccessKeyId.NotFound"
        if _is_expired(headers.get("x-acs-date", ""), asked.at):
            return 400, "InvalidTimeStamp.Expired"
        signed = names.split(";")
        due = {name for name in headers if name in ("host", "content-type") or name.startswith("x-acs-")}
        # Others may be signed too: the vendor's own client signs whatever it sends.
        if signed != sorted(signed) or not due <= set(signed) <= set(headers):
            return 400, "IncompleteSignature"
        digest = hashlib.sha256(asked.body).hexdigest()
        if headers.get("x-acs-content-sha256") != digest:
            return 400, "SignatureDoesNotMatch"
        pairs = sorted(parse_qsl(asked.query, keep_blank_values=True))
        query = "&".join(quote(name, safe="~") + "=" + quote(value, safe="~") for name, value in pairs)
        request_text = "\n".join([asked.method, asked.path, query])
        request_text += "\n" + "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
        request_text += "\n" + names + "\n" + digest
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request_text.encode()).hexdigest()
        expected = hmac.new(self._access_key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            return 400, "SignatureDoesNotMatch"
        nonce = headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in self._nonces:
            return 400, "SignatureNonceUsed"
        self._nonces.add(nonce)
        return 200, ""


def _is_expired(stamp: str, now: float) -> bool:
    if re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", stamp) is None:
        return True
    try:
        at = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return True
    return abs(now - at.timestamp()) > 900
