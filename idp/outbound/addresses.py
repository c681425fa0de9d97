"""Which network addresses may be reached, and how a host name becomes addresses."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address
#: Returns the addresses of (host, port) as text; raises OSError where there are none.
Resolver = Callable[[str, int], Sequence[str]]

# Spelled out rather than left to ipaddress.is_global, whose answer differs between the releases
# of Python that we run on; is_global is asked as well.
# IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
_BLOCKED_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT, and the metadata services of Chinese clouds
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and most clouds' metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
# IPv4-mapped, NAT64 (64:ff9b::/96), link-local and unique-local lie outside 2000::/3 already.
_BLOCKED_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 wraps an IPv4 address
        "3fff::/20",
    )
)
_PRIVATE_IPV4 = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_PRIVATE_IPV6 = IPv6Network("fc00::/7")
_METADATA_IPV6 = frozenset(IPv6Address(text) for text in ("fd00:ec2::254", "fd20:ce::254"))
_LOOPBACK_IPV4 = IPv4Network("127.0.0.0/8")
_LOOPBACK_IPV6 = IPv6Address("::1")


def is_allowed(address: IPAddress, *, allow_loopback: bool, allow_private: bool) -> bool:
    """Tell whether a connection to `address` may be opened.

    `allow_private` opens RFC 1918 and RFC 4193 ranges, but no metadata service inside them.
    """
    if isinstance(address, IPv4Address):
        if address in _LOOPBACK_IPV4:
            return allow_loopback
        if any(address in network for network in _PRIVATE_IPV4):
            return allow_private
        return address.is_global and not any(address in network for network in _BLOCKED_IPV4)
    if address == _LOOPBACK_IPV6:
        return allow_loopback
    if address in _PRIVATE_IPV6:
        return allow_private and address not in _METADATA_IPV6
    return address.is_global and address in _PUBLIC_IPV6 and not any(address in network for network in _BLOCKED_IPV6)


def ask_system(host: str, port: int) -> Sequence[str]:
    """Return what the system's resolver says; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for _, _, _, _, sockaddr in found]


def resolve(host: str, port: int, *, resolver: Resolver, timeout_seconds: float) -> list[IPAddress]:
    """Return the distinct addresses of `host`, in the resolver's order; a literal needs no resolver.

    Raises OSError or ValueError where there are none, TimeoutError after `timeout_seconds`.
    """
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    outcome: list[Sequence[str] | Exception] = []

    def ask() -> None:
        try:
            outcome.append(resolver(host, port))
        except Exception as error:  # handed to the asking thread
            outcome.append(error)

    # getaddrinfo knows no deadline, and whoever owns the name also owns the name server that may
    # dawdle. The abandoned thread ends with the resolver's own time limit.
    thread = threading.Thread(target=ask, name="outbound-resolve", daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    if not outcome:
        raise TimeoutError
    answer = outcome[0]
    if isinstance(answer, Exception):
        raise answer
    return [ipaddress.ip_address(text) for text in dict.fromkeys(answer)]
