"""What a URI in client metadata must look like, read more strictly than RFC 3986 asks."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_URI_LENGTH = 2_000

# RFC 3986 §2: nothing but these characters; urlsplit would silently drop tabs and line breaks.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI taken apart; scheme and host are lower case, the host is empty for a custom scheme."""

    text: str
    scheme: str
    host: str
    port: int | None
    has_fragment: bool

    @property
    def origin(self) -> tuple[str, str, int | None]:
        """Scheme, host and port, a default port filled in (RFC 6454 §4)."""
        return self.scheme, self.host, self.port or _DEFAULT_PORTS.get(self.scheme)

    @property
    def is_https(self) -> bool:
        """True for an address that TLS protects."""
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """True for an address of the very machine that calls it, whoever that is."""
        return self.host in _LOOPBACK_HOSTS

    @property
    def is_loopback_http(self) -> bool:
        """True for plain http that never leaves the machine (RFC 8252 §7.3)."""
        return self.scheme == "http" and self.is_loopback

    @property
    def is_private_use(self) -> bool:
        """True for a scheme that an app owns: a reversed domain name, so with a dot (RFC 8252 §7.1)."""
        return "." in self.scheme


def parse_uri(text: object) -> Uri | None:
    """Return the parts of an absolute URI, or None for anything that could be read in two ways."""
    if not isinstance(text, str) or len(text) > MAX_URI_LENGTH or _URI.fullmatch(text) is None:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    # RFC 9110 §4.2.4: userinfo disguises the host. An empty or zero port is read differently by browsers.
    if "@" in parts.netloc or parts.netloc.endswith(":") or port == 0:
        return None
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme in _DEFAULT_PORTS and not _is_host(host, bracketed="[" in parts.netloc):
        return None
    if scheme not in _DEFAULT_PORTS and not (parts.netloc or parts.path):
        return None
    return Uri(text, scheme, host, port, has_fragment="#" in text)


def _is_host(host: str, *, bracketed: bool) -> bool:
    # urlsplit has already checked that brackets hold an IPv6 address; a scope belongs to one machine only.
    return "%" not in host if bracketed else len(host) <= 253 and _HOST.fullmatch(host) is not None


def redirect_uri(text: object, *, application_type: str, allow_loopback_http: bool) -> Uri | None:
    """Return an acceptable redirect URI taken apart, or None.

    Exact string comparison follows (RFC 9700 §2.1), so a wildcard would never match and only mislead.
    """
    uri = parse_uri(text)
    # RFC 6749 §3.1.2: no fragment.
    if uri is None or uri.has_fragment or "*" in uri.text:
        return None
    if uri.is_https:
        return uri
    if application_type == "native":
        # OpenID Connect Registration §2, application_type; RFC 8252 §7.1 and §7.3.
        return uri if uri.is_loopback_http or uri.is_private_use else None
    return uri if uri.is_loopback_http and allow_loopback_http else None


def service_uri(text: object, *, allow_loopback_http: bool) -> Uri | None:
    """Return an address that we or a browser will call: https, or loopback http where allowed; else None."""
    uri = parse_uri(text)
    if uri is None or uri.has_fragment:
        return None
    return uri if uri.is_https or (uri.is_loopback_http and allow_loopback_http) else None


def page_uri(text: object) -> Uri | None:
    """Return the address of a page that is only linked to: http or https; else None."""
    uri = parse_uri(text)
    return uri if uri is not None and uri.scheme in _DEFAULT_PORTS else None
