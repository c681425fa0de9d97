"""Reading the URL of an outgoing request, more strictly than RFC 3986 asks."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from idp.outbound.refusal import OutboundReason, OutboundRefused

MAX_URL_LENGTH = 4096
DEFAULT_PORTS = {"http": 80, "https": 443}

# urlsplit drops tabs and line breaks and lets blanks and backslashes through; browsers and
# servers read those differently, which is how filters are passed.
_URL = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: the host is lower case and without brackets, the fragment is gone."""

    scheme: str
    host: str
    port: int
    request_target: str

    @property
    def host_header(self) -> str:
        """Return the Host field: a default port is left out, IPv6 is bracketed (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Return the parts of an absolute http or https URL.

    Raises OutboundRefused (malformed, scheme, userinfo; address for a host that is a number in
    disguise).
    """
    if len(url) > MAX_URL_LENGTH or _URL.fullmatch(url) is None:
        raise OutboundRefused(OutboundReason.MALFORMED, detail="characters or length")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OutboundRefused(OutboundReason.MALFORMED, detail="authority") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise OutboundRefused(OutboundReason.SCHEME, detail="neither http nor https")
    if "@" in parts.netloc:
        # RFC 9110 §4.2.4: userinfo in http(s) URIs is to be treated as an error.
        raise OutboundRefused(OutboundReason.USERINFO)
    if port == 0 or parts.netloc.endswith(":"):
        raise OutboundRefused(OutboundReason.MALFORMED, detail="port")
    return Target(
        scheme=parts.scheme,
        host=_host(parts),
        port=port or DEFAULT_PORTS[parts.scheme],
        request_target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        if "%" in host:
            raise OutboundRefused(OutboundReason.ADDRESS, detail="scoped IPv6 address")
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise OutboundRefused(OutboundReason.MALFORMED, detail="IPv6 literal") from None
    if len(host) > 253 or _HOST_NAME.fullmatch(host) is None:
        raise OutboundRefused(OutboundReason.MALFORMED, detail="host name")
    if _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]) is not None:
        # The resolver would read 2130706433, 0x7f.1 or 0177.0.0.1 as 127.0.0.1: only the one
        # canonical spelling of an IPv4 address may end in a number.
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise OutboundRefused(OutboundReason.ADDRESS, detail="number as host") from None
    return host
