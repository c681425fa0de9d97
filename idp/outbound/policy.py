"""Where outgoing requests may go, and how long and how large their answers may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """The rules of one fetcher; the defaults are those for strangers' addresses in production.

    `allow_loopback` is for development and tests. `allow_private` opens RFC 1918 and RFC 4193 ranges
    for portals inside a government network. `allow_http` allows plain http to whatever the address
    rules allow. `ca_file` (PEM) replaces the system's certificate authorities.
    """

    allow_loopback: bool = False
    allow_private: bool = False
    allow_http: bool = False
    ca_file: str | None = None
    connect_timeout_seconds: float = 3
    total_timeout_seconds: float = 5
    max_bytes: int = 512 * 1024
