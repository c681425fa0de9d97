"""Signing a request to an Alibaba Cloud RPC-style API (ACS3-HMAC-SHA256, "V3 signature")."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return the query string as it is both signed and sent: sorted, encoded after RFC 3986 §2.1."""
    return "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(parameters.items())
    )


def sign_aliyun(
    *,
    access_key_id: str,
    access_key_secret: str,
    host: str,
    action: str,
    version: str,
    query: str,
    body: bytes,
    content_type: str | None,
    nonce: str,
    now: datetime,
) -> dict[str, str]:
    """Return the x-acs-* and Authorization fields of a POST to "/".

    `host` is the Host field as sent, `query` comes from `canonical_query`, `content_type` is None when
    none is sent. A nonce serves once; the signature is valid for fifteen minutes around `now`.
    """
    body_digest = hashlib.sha256(body).hexdigest()
    fields = {
        "x-acs-action": action,
        "x-acs-content-sha256": body_digest,
        "x-acs-date": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    signed = {**fields, "host": host}
    if content_type is not None:
        signed["content-type"] = content_type
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = "\n".join(("POST", "/", query, lines, names, body_digest))
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(access_key_secret.encode(), to_sign.encode(), "sha256").hex()
    return {
        **fields,
        "Authorization": (f"{ALGORITHM} Credential={access_key_id},SignedHeaders={names},Signature={signature}"),
    }
