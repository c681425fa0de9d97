"""Why an outgoing request was given up."""

from enum import StrEnum

from idp.core.errors import IdpError


class OutboundReason(StrEnum):
    """What was wrong; the caller words it, nobody outside sees it."""

    MALFORMED = "malformed"
    SCHEME = "scheme"
    USERINFO = "userinfo"
    ADDRESS = "address"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    REDIRECT = "redirect"
    ENCODING = "encoding"
    PROTOCOL = "protocol"


class OutboundRefused(IdpError):
    """The request was not made, or its answer is not taken.

    `request_sent` is False only when no byte of the HTTP request left this machine: then, and only
    then, the other side cannot have acted on it. The text never holds the path or the query, which
    may carry somebody's number.
    """

    def __init__(self, reason: OutboundReason, *, detail: str = "", request_sent: bool = False) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.detail = detail
        self.request_sent = request_sent
