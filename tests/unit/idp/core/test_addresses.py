"""Addresses that may name several hosts."""

import pytest

from idp.core.addresses import Address, split_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("redis://h:1/0", Address("redis", "", "", ("h:1",), "/0", "")),
        ("rediss://:p%40ss@h", Address("rediss", "", "p@ss", ("h",), "", "")),
        (
            "redis+sentinel://u:p:q@a:1,[::1]:2/main/2?x=y&z",
            Address("redis+sentinel", "u", "p:q", ("a:1", "[::1]:2"), "/main/2", "x=y&z"),
        ),
        # A password may hold an at sign that nobody encoded.
        ("redis://u:p@ss@h", Address("redis", "u", "p@ss", ("h",), "", "")),
        ("REDIS+Cluster://a,b", Address("redis+cluster", "", "", ("a", "b"), "", "")),
        ("unix:///run/redis.sock?db=1", Address("unix", "", "", ("",), "/run/redis.sock", "db=1")),
        ("sqlite:///data/yihao.db", Address("sqlite", "", "", ("",), "/data/yihao.db", "")),
        ("plain", Address("", "", "", ("",), "plain", "")),
        ("", Address("", "", "", ("",), "", "")),
    ],
)
def test_an_address_comes_apart(text: str, address: Address) -> None:
    """Scheme, login, hosts, path and query, whatever is missing."""
    assert split_address(text) == address


def test_an_address_shows_no_password() -> None:
    """What is printed of it, in a log or a failing test, has neither login nor options."""
    shown = repr(split_address("redis://who:secret@h/0?sentinel_password=own"))
    assert "secret" not in shown and "own" not in shown and "who" not in shown
