"""Addresses of our own servers, which may name several hosts.

The standard library reads one host, and newer releases of it refuse a list in which one stands in brackets.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

# RFC 3986 appendix B, without the fragment.
_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address; what is not there is empty. `hosts` are as written, with their ports."""

    scheme: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    hosts: tuple[str, ...]
    path: str
    query: str = field(repr=False)


def split_address(text: str) -> Address:
    """Return the parts of `scheme://username:password@host:port,host:port/path?query`; nothing is checked."""
    found = _PARTS.match(text)
    scheme, authority, path, query = (part or "" for part in found.groups()) if found else ("", "", "", "")
    login, _, hosts = authority.rpartition("@")
    username, _, password = login.partition(":")
    return Address(scheme.lower(), unquote(username), unquote(password), tuple(hosts.split(",")), path, query)
