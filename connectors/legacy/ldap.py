"""Older systems asked in their directory: a search for the account, then a bind as that account (RFC 4511, 4513).

The password goes to the directory and nowhere else, and only over TLS; what the directory stores stays there.
"""

import math
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from connectors.legacy.live import TIMEOUT_SECONDS, LiveRow, live_row
from idp.core.errors import ConfigError, ConnectorError
from idp.core.ids import new_id

_SUCCESS, _SIZE_LIMIT, _INVALID_CREDENTIALS = 0, 4, 49
#: Results that say no to this account, and nothing about the directory.
_NO = frozenset((_INVALID_CREDENTIALS, 19, 32, 48, 50, 53))  # constraint, no such object, and the like


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry that a search found."""

    dn: str = field(repr=False)
    attributes: Mapping[str, object] = field(repr=False)


class _Tls(ldap3.Tls):  # type: ignore[misc]
    """TLS as Python's own library does it; ldap3 switches its check of the name off, for an older one of its own."""

    def __init__(self, *, host: str, ca_file: Path | None) -> None:
        super().__init__()
        self._host = host
        try:
            self._context = ssl.create_default_context(cafile=ca_file and str(ca_file))
        except OSError as error:
            raise ConfigError(f"ca_file of a live source cannot be read ({type(error).__name__})") from None

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Put TLS over the connection's socket; raises ssl.SSLError where the name or its authority is another."""
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host)


class LdapSource:
    """Asks one directory. `columns` says which attribute is which field; several values are joined by a comma."""

    def __init__(
        self,
        *,
        url: str,
        base: str,
        login_attribute: str,
        columns: Mapping[str, str],
        bind_dn: str = "",
        bind_password: str = "",
        ca_file: Path | None = None,
        start_tls: bool = False,
    ) -> None:
        if not login_attribute.replace("-", "").isalnum():
            raise ConfigError("the login attribute of a live source is the name of an attribute, such as uid")
        is_tls = url.startswith("ldaps://")
        if not is_tls and not start_tls:
            raise ConfigError("a directory is asked over ldaps://, or over ldap:// with start_tls: passwords go there")
        self._base = base
        self._login_attribute = login_attribute
        self._columns = columns
        self._bind_dn, self._bind_password = bind_dn, bind_password
        self._start_tls = not is_tls
        tls = _Tls(host=urlsplit(url).hostname or "", ca_file=ca_file)
        self._server = ldap3.Server(url, tls=tls, get_info=ldap3.NONE, connect_timeout=TIMEOUT_SECONDS)

    def find(self, login: str) -> LiveRow | None:
        """See LiveSource.find."""
        entry = self._entry(login)
        if entry is None:
            return None
        return live_row({name: _text(entry.attributes.get(attribute)) for name, attribute in self._columns.items()})

    def verify(self, login: str, password: str) -> bool | None:
        """See LiveSource.verify. For a login that names nobody a bind is tried all the same, as nobody."""
        entry = self._entry(login)
        dn = entry.dn if entry else f"{self._login_attribute}={escape_rdn(new_id())},{self._base}"
        with self._connected(dn, password) as (connection, code):
            if code == _SUCCESS:
                return entry is not None and bool(connection.bound)
            if code in _NO:
                return False
            raise ConnectorError(f"a directory answered a bind with result {code}")

    def _entry(self, login: str) -> _Entry | None:
        with self._connected(self._bind_dn, self._bind_password) as (connection, code):
            if code != _SUCCESS:
                raise ConnectorError(f"a directory refused our own bind with result {code}")
            # RFC 4515 §3: what was typed is a value, and never a piece of the filter.
            connection.search(
                self._base,
                f"({self._login_attribute}={escape_filter_chars(login)})",
                attributes=sorted(set(self._columns.values())),
                size_limit=2,
                time_limit=math.ceil(TIMEOUT_SECONDS),
            )
            code = connection.result["result"]
            if code not in (_SUCCESS, _SIZE_LIMIT):
                raise ConnectorError(f"a directory answered a search with result {code}")
            found = connection.response or ()
            entries = [_Entry(each["dn"], each["attributes"]) for each in found if each["type"] == "searchResEntry"]
        return entries[0] if len(entries) == 1 else None

    @contextmanager
    def _connected(self, dn: str, password: str) -> Iterator[tuple[ldap3.Connection, int]]:
        """Give a connection bound as `dn`, or anonymously, and the bind's result; every fault is a ConnectorError."""
        connection = ldap3.Connection(
            self._server,
            user=dn or None,
            password=password or None,
            authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
            receive_timeout=math.ceil(TIMEOUT_SECONDS),  # the library packs whole ones
            auto_referrals=False,  # the directory must not choose where a password goes
            read_only=True,
        )
        try:
            connection.open()
            if self._start_tls and not connection.start_tls():
                raise ConnectorError("a directory does not start TLS")
            connection.bind()
            yield connection, connection.result["result"]
        except (LDAPException, OSError) as error:
            # From None: its text may name the login.
            raise ConnectorError(f"a directory gave no answer ({type(error).__name__})") from None
        finally:
            _close(connection)


def _close(connection: ldap3.Connection) -> None:
    opened = connection.socket  # unbinding forgets it, and leaves one open that never connected
    with suppress(LDAPException, OSError):
        connection.unbind()
    with suppress(OSError):
        if opened is not None:
            opened.close()


def _text(value: object) -> str:
    values = value if isinstance(value, list) else [value]
    texts = (each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in values)
    return ",".join(text for text, each in zip(texts, values, strict=True) if each is not None)
