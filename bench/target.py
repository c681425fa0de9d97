"""What is measured: a running provider, its addresses, its clients, and the processes that it costs."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

#: Sent with every authorization request: S256 of the verifier (RFC 7636 §4.2).
VERIFIER = "bench-" + "v" * 42
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "openid profile"


@dataclass(frozen=True, slots=True)
class BenchClient:
    """A confidential client that both providers know."""

    id: str
    secret: str = field(repr=False)
    redirect_uri: str

    @property
    def authorization(self) -> str:
        """The header of HTTP Basic (RFC 6749 §2.3.1)."""
        pair = f"{quote(self.id, safe='')}:{quote(self.secret, safe='')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the endpoints are."""

    discovery: str
    jwks: str
    authorize: str
    token: str
    userinfo: str
    introspect: str


@dataclass(frozen=True, slots=True)
class Target:
    """A provider under measure; `server` and `databases` are the first processes of their trees.

    `person` gives login name and password of the person at a place, where there is a login page.
    """

    name: str
    port: int
    paths: Paths
    clients: tuple[BenchClient, ...] = field(repr=False)
    server: int
    databases: tuple[int, ...]
    rows: frozenset[str]
    person: Callable[[int], tuple[str, str]] = field(repr=False)
    has_books: bool = False

    @property
    def base(self) -> str:
        """The origin."""
        return f"http://127.0.0.1:{self.port}"

    def authorize_path(self, client_id: str, redirect_uri: str, unique: str) -> str:
        """Return an authorization request with its own state and nonce."""
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        # The template's braces must stay as they are.
        return f"{self.paths.authorize}?{urlencode(query, safe='{}')}&state=s{unique}&nonce=n{unique}"
