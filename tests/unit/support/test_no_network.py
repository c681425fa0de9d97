"""The network guard."""

import socket

import pytest

from tests.support.no_network import OutgoingConnection, is_local


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("127.0.0.1", 80)),
        (socket.AF_INET, ("127.8.9.1", 80)),
        (socket.AF_INET, ("localhost", 80)),
        (socket.AF_INET6, ("::1", 80, 0, 0)),
        (socket.AF_INET6, ("::ffff:127.0.0.1", 80, 0, 0)),
        (socket.AF_UNIX, "/some/socket"),
    ],
)
def test_this_machine_is_reached(family, address):
    """Loopback and local sockets are let through."""
    assert is_local(family, address)


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.0.2.1", 80)),
        (socket.AF_INET, ("169.254.169.254", 80)),
        (socket.AF_INET, ("0.0.0.0", 80)),
        (socket.AF_INET, ("localhost.example", 80)),
        (socket.AF_INET6, ("2001:db8::1", 80, 0, 0)),
        (socket.AF_INET6, ("::ffff:192.0.2.1", 80, 0, 0)),
    ],
)
def test_other_machines_are_not(family, address):
    """Everything else is refused."""
    assert not is_local(family, address)


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_guard_is_up(method):
    """A connection that would leave this machine raises in any test."""
    with socket.socket() as client, pytest.raises(OutgoingConnection):
        getattr(client, method)(("192.0.2.1", 9))


def test_names_are_not_resolved():
    """A name of another machine is unknown; localhost and numbers are known."""
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("idp.example", 443)
    assert socket.getaddrinfo("localhost", 80)
    assert socket.getaddrinfo("192.0.2.1", 80)
