"""The network guard: a test reaches this machine only. Child processes are not covered."""

import ipaddress
import os
import socket
from typing import Any

import pytest


class OutgoingConnection(Exception):
    """A test tried to leave this machine."""


def is_local(family: int, address: Any) -> bool:
    """Tell whether an address is of this machine: loopback, or no network address at all."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    return _is_loopback(str(address[0]))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 §6.3
        return True
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _guarded_connect(self: socket.socket, address: Any) -> None:
    if not is_local(self.family, address):
        raise OutgoingConnection(f"a test tried to connect to {address!r}")
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    if not is_local(self.family, address):
        raise OutgoingConnection(f"a test tried to connect to {address!r}")
    return _connect_ex(self, address)


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name and not _is_number(name) and not _is_loopback(name):
        # As a machine without a name server answers: asking one would be leaving, and slow.
        raise socket.gaierror(socket.EAI_NONAME, f"tests resolve no names: {name}")
    return _getaddrinfo(host, *args, **kwargs)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    """Raise the guard, and forget the machine's proxies, which would be asked even for loopback."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = _guarded_getaddrinfo
