"""What a request presents to authenticate its client, and by which one method (RFC 6749 §2.3)."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from clients.client import AuthMethod
from idp.core.oauth_errors import InvalidClient, InvalidRequest

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 §2.2
MAX_HEADER_LENGTH = 4_096
_BASIC = re.compile(r"Basic +([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_FORM_ENCODED = re.compile(rb"(?:[\x21-\x24\x26-\x7e]|%[0-9A-Fa-f]{2})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class PresentedCredentials:
    """The Authorization header and the form parameters that may authenticate a client."""

    authorization_header: str | None = field(repr=False, default=None)
    client_id: str | None = None
    client_secret: str | None = field(repr=False, default=None)
    client_assertion: str | None = field(repr=False, default=None)
    client_assertion_type: str | None = None


@dataclass(frozen=True, slots=True)
class NamedClient:
    """A client named by id, with the secret that came along; None for the methods without one."""

    client_id: str
    method: AuthMethod
    secret: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class PresentedAssertion:
    """A client assertion, and the client_id that stood beside it."""

    assertion: str = field(repr=False)
    client_id: str | None


def read_presented(credentials: PresentedCredentials) -> NamedClient | PresentedAssertion:
    """Return what was presented; raises InvalidRequest for two methods at once, else InvalidClient."""
    # RFC 6749 §3.2: a parameter without a value counts as omitted.
    client_id = credentials.client_id or None
    secret = credentials.client_secret or None
    assertion = credentials.client_assertion or None
    assertion_type = credentials.client_assertion_type or None
    header = credentials.authorization_header or None
    if (assertion is None) != (assertion_type is None):
        raise InvalidRequest("client_assertion and client_assertion_type belong together.")
    # RFC 6749 §2.3: not more than one method per request.
    if sum(given is not None for given in (header, secret, assertion)) > 1:
        raise InvalidRequest("More than one client authentication method is used.")
    if header is not None:
        return _read_basic(header, client_id)
    if assertion is not None:
        if assertion_type != ASSERTION_TYPE:
            raise InvalidClient(detail="client_assertion_type")
        return PresentedAssertion(assertion, client_id)
    if client_id is None:
        raise InvalidClient(detail="nothing presented")
    if secret is not None:
        return NamedClient(client_id, AuthMethod.CLIENT_SECRET_POST, secret)
    return NamedClient(client_id, AuthMethod.NONE)


def _read_basic(header: str, client_id: str | None) -> NamedClient:
    matched = _BASIC.fullmatch(header) if len(header) <= MAX_HEADER_LENGTH else None
    if matched is None:
        raise InvalidClient(detail="Authorization header is not Basic")
    try:
        raw = base64.b64decode(matched[1], validate=True)
    except binascii.Error:
        raise InvalidClient(detail="Basic: base64") from None
    name, colon, secret = raw.partition(b":")
    if not colon:
        raise InvalidClient(detail="Basic: no colon")
    named = NamedClient(_form_decode(name), AuthMethod.CLIENT_SECRET_BASIC, _form_decode(secret))
    # The id in the body beside Basic is no second authentication, as long as it says the same.
    if client_id not in (None, named.client_id):
        raise InvalidRequest("client_id differs from the one in the Authorization header.")
    return named


def _form_decode(part: bytes) -> str:
    """Undo application/x-www-form-urlencoded, which both parts went through (RFC 6749 §2.3.1)."""
    if _FORM_ENCODED.fullmatch(part) is None:
        raise InvalidClient(detail="Basic: form encoding")
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidClient(detail="Basic: UTF-8") from None
    if _CONTROL.search(text) is not None:
        raise InvalidClient(detail="Basic: control character")
    return text
