"""The one guarded fetcher for every address that others gave us (CWE-918, server-side request forgery)."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from idp.core.errors import ConfigError
from idp.outbound.addresses import IPAddress, Resolver, ask_system, is_allowed, resolve
from idp.outbound.connection import Deadline, DeadlineSocket
from idp.outbound.policy import OutboundPolicy
from idp.outbound.refusal import OutboundReason, OutboundRefused
from idp.outbound.target import Target, parse_target

__all__ = ["Fetcher", "OutboundPolicy", "OutboundReason", "OutboundRefused", "OutboundResponse"]

#: What the status line, header fields and chunk framing may take beside the body.
_FRAMING_BYTES = 64 * 1024
_OWN_HEADERS = frozenset(
    ("host", "connection", "content-length", "transfer-encoding", "accept-encoding", "content-type")
)
_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """An answer that is not a redirect; header names are lower case, the body is whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Fetcher:
    """Makes single HTTP/1.1 requests: no redirects, proxies, cookies, retries or compressed answers."""

    def __init__(self, *, policy: OutboundPolicy, resolver: Resolver = ask_system) -> None:
        self._policy = policy
        self._resolver = resolver
        self._tls = _tls_context(policy.ca_file)

    def get(self, url: str, *, headers: Mapping[str, str] = _NO_HEADERS) -> OutboundResponse:
        """Return the answer to a GET, whatever its status but 3xx; raises OutboundRefused."""
        return self._request("GET", url, headers=headers, body=None)

    def post(
        self, url: str, *, body: bytes, content_type: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> OutboundResponse:
        """Return the answer to a POST, whatever its status but 3xx; raises OutboundRefused."""
        return self._request("POST", url, headers={**headers, "Content-Type": content_type}, body=body)

    def _request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None) -> OutboundResponse:
        """1 read the URL, 2 find and check every address, 3 connect to a checked one, 4 exchange."""
        target = parse_target(url)
        if target.scheme == "http" and not self._policy.allow_http:
            raise OutboundRefused(OutboundReason.SCHEME, detail="plain http")
        prepared = _prepare_headers(target, headers, has_body=body is not None)
        deadline = Deadline(self._policy.total_timeout_seconds)
        wire: DeadlineSocket | None = None
        try:
            addresses = self._checked_addresses(target, deadline)
            with self._connect(target, addresses, deadline) as sock:
                wire = DeadlineSocket(sock, deadline=deadline, max_bytes=self._policy.max_bytes + _FRAMING_BYTES)
                return self._exchange(wire, method, target, headers=prepared, body=body)
        except OutboundRefused:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            # From None: the texts of these errors may quote the URL or the answer.
            raise OutboundRefused(
                _reason_for(error),
                detail=f"{target.host}: {type(error).__name__}",
                request_sent=wire is not None and wire.has_sent,
            ) from None

    def _checked_addresses(self, target: Target, deadline: Deadline) -> list[IPAddress]:
        """Resolve once. One forbidden address spoils the name: which one is tried is not ours to choose."""
        addresses = resolve(target.host, target.port, resolver=self._resolver, timeout_seconds=deadline.remaining())
        policy = self._policy
        for address in addresses:
            if not is_allowed(address, allow_loopback=policy.allow_loopback, allow_private=policy.allow_private):
                raise OutboundRefused(OutboundReason.ADDRESS, detail=target.host)
        if not addresses:
            raise OutboundRefused(OutboundReason.UNREACHABLE, detail=target.host)
        return addresses

    def _connect(self, target: Target, addresses: list[IPAddress], deadline: Deadline) -> socket.socket:
        """Connect to a checked address itself: asking the name again would invite DNS rebinding."""
        failure: OSError = OSError()
        for address in addresses:
            sock = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6)
            try:
                sock.settimeout(min(self._policy.connect_timeout_seconds, deadline.remaining()))
                sock.connect((str(address), target.port))
                if target.scheme == "http":
                    return sock
                # RFC 9525: the certificate is for the name that was asked, not for the address.
                sock.settimeout(deadline.remaining())
                return self._tls.wrap_socket(sock, server_hostname=target.host)
            except ssl.SSLError:
                sock.close()
                raise
            except OSError as error:
                sock.close()
                failure = error
        raise failure

    def _exchange(
        self,
        wire: DeadlineSocket,
        method: str,
        target: Target,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> OutboundResponse:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = wire
        connection.request(method, target.request_target, body=body, headers=dict(headers))
        response = connection.getresponse()
        try:
            if response.status < 200:
                raise OutboundRefused(OutboundReason.PROTOCOL, detail="interim answer", request_sent=True)
            if 300 <= response.status < 400:
                # Following would let the answer choose the next address.
                raise OutboundRefused(OutboundReason.REDIRECT, detail=target.host, request_sent=True)
            if (response.getheader("Content-Encoding") or "identity").lower() != "identity":
                raise OutboundRefused(OutboundReason.ENCODING, detail=target.host, request_sent=True)
            content = self._read(response)
        finally:
            response.close()
        fields: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            fields[key] = f"{fields[key]}, {value}" if key in fields else value
        return OutboundResponse(status=response.status, headers=fields, body=content)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        limit = self._policy.max_bytes
        expected = response.length
        content = b"" if expected is not None and expected > limit else response.read(limit + 1)
        if len(content) > limit or (expected is not None and expected > limit):
            raise OutboundRefused(OutboundReason.TOO_LARGE, request_sent=True)
        if expected is not None and len(content) < expected:
            # RFC 9112 §8: a message cut short is incomplete; http.client hides that when a size is given.
            raise http.client.IncompleteRead(b"")
        return content


def _prepare_headers(target: Target, headers: Mapping[str, str], *, has_body: bool) -> dict[str, str]:
    prepared = {
        "Host": target.host_header,
        "Connection": "close",
        "Accept-Encoding": "identity",
        "User-Agent": "yihao",
    }
    for name, value in headers.items():
        if name.lower() in _OWN_HEADERS and not (has_body and name == "Content-Type"):
            raise ValueError("a header that the fetcher sets itself")
        prepared[name] = value
    return prepared


def _reason_for(error: Exception) -> OutboundReason:
    if isinstance(error, TimeoutError):
        return OutboundReason.TIMEOUT
    if isinstance(error, ssl.SSLError):
        return OutboundReason.TLS
    if isinstance(error, OSError):
        return OutboundReason.UNREACHABLE
    return OutboundReason.PROTOCOL


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    if ca_file is None:
        return _system_context()
    context = _empty_context()
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:  # SSLError is one
        raise ConfigError(
            f"the certificate authorities of outbound requests cannot be read ({type(error).__name__}):"
            " set ca_file to a PEM file"
        ) from None
    return context


@cache
def _system_context() -> ssl.SSLContext:
    """Return what trusts the system's authorities, which take long to read; nobody changes it afterwards."""
    context = _empty_context()
    context.load_default_certs()
    return context


def _empty_context() -> ssl.SSLContext:
    # Not create_default_context: that one also writes session keys to a file named by SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context
