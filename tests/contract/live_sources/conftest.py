"""The same three accounts in a directory, two databases and behind a service; each kind as its own source."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from connectors.legacy.http import HttpSource
from connectors.legacy.ldap import LdapSource
from connectors.legacy.live import LiveSource
from connectors.legacy.sql import SqlSource
from idp.outbound.fetcher import Fetcher, OutboundPolicy
from tests.interop.certificates import Certificates, make_certificates
from tests.support.directory_server import BASE, READER, READER_PASSWORD, start_directory

#: login, reference, name, number, mobile, password; two accounts share a login.
ACCOUNTS = [
    ("zhang", "GR1", "张三", "339901199003071244", "15400001234", "Qing-hai 湖"),
    ("li", "GR2", "李四", "339901199103071241", "15400001235", "Huang-he"),
    ("twice", "GR3", "王五", "", "", "one"),
    ("twice", "GR4", "王六", "", "", "two"),
]
TOKEN = "token-of-the-contract-tests"
COLUMNS = {"reference": "employeeNumber", "login": "uid", "name": "cn", "number": "title", "mobile": "mobile"}
QUERY = "SELECT ref AS reference, login, name, number, mobile, pw AS password FROM users WHERE login = :login"


@dataclass(frozen=True, slots=True)
class Live:
    """A source, and whether it says itself that a password is right."""

    source: LiveSource
    judges: bool


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def _entry(account: tuple[str, ...]) -> str:
    login, reference, name, number, mobile, password = account
    lines = [f"dn: employeeNumber={reference},{BASE}", "objectClass: inetOrgPerson", "sn: -", f"uid: {login}"]
    lines += [f"employeeNumber: {reference}", f"cn: {name}", f"userPassword: {password}"]
    lines += [f"title: {number}"] * bool(number) + [f"mobile: {mobile}"] * bool(mobile)
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def directory(slapd: Path, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    running = start_directory(slapd, tmp_path_factory.mktemp("slapd"), certificates, [_entry(a) for a in ACCOUNTS])
    yield running
    running.stop()


@pytest.fixture
def ldap(directory, certificates: Certificates) -> LdapSource:
    return make_ldap(directory.tls, certificates.ca)


def make_ldap(url: str, ca_file: Path, **changes: object) -> LdapSource:
    given = {"bind_dn": READER, "bind_password": READER_PASSWORD, "columns": COLUMNS}
    return LdapSource(url=url, base=BASE, login_attribute="uid", ca_file=ca_file, **(given | changes))


def fill(url: str) -> str:
    """Make the older system's table; passwords stand in clear, as they do in too many."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        columns = ", ".join(f"{name} text" for name in ("login", "ref", "name", "number", "mobile", "pw"))
        connection.execute(sa.text(f"CREATE TABLE users ({columns})"))
        names = ("login", "ref", "name", "number", "mobile", "pw")
        insert = sa.text("INSERT INTO users VALUES (:login, :ref, :name, :number, :mobile, :pw)")
        connection.execute(insert, [dict(zip(names, account, strict=True)) for account in ACCOUNTS])
    engine.dispose()
    return url


class _Service(BaseHTTPRequestHandler):
    """The stand-in of an older system's own service; its log is quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = [account for account in ACCOUNTS if account[0] == asked["login"]]
        known = found[0] if len(found) == 1 else None
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self._answer(401, {})
        if self.path.endswith("/verify"):
            return self._answer(200, {"verified": known is not None and known[5] == asked["password"]})
        names = ("uid", "employeeNumber", "cn", "title", "mobile")
        return self._answer(200, {"account": dict(zip(names, known[:5], strict=True)) if known else None})

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/accounts"
    server.shutdown()
    server.server_close()
    thread.join()


def make_http(url: str, *, token: str = TOKEN) -> HttpSource:
    fetcher = Fetcher(policy=OutboundPolicy(allow_loopback=True, allow_http=True))
    return HttpSource(url=url, token=token, columns=COLUMNS, fetcher=fetcher)


@pytest.fixture(params=["ldap", "postgresql", "sqlite", "http"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Live:
    """Each kind in turn."""
    if request.param == "ldap":
        return Live(request.getfixturevalue("ldap"), judges=True)
    if request.param == "http":
        return Live(make_http(request.getfixturevalue("service")), judges=True)
    make: Callable[..., str] = (
        request.getfixturevalue("make_postgres_database") if request.param == "postgresql" else None
    )
    url = make() if make else f"sqlite:///{tmp_path / 'old.db'}"
    return Live(SqlSource(url=fill(str(url)), query=QUERY, columns={}), judges=False)
