"""X-Forwarded-For counts only from listed front proxies, and a malformed one is refused (security: header trust)."""

from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from idp.config.settings import ServerSettings
from idp.core.networks import Networks
from idp.house.build import House
from idp.web.proxies import Proxies

LISTED = ("10.0.0.1", "10.1.0.0/16")


@Request.application
def _who(request: Request) -> Response:
    return Response(request.remote_addr)


def _ask(peer: str, headers: dict[str, str]) -> Any:
    client = Client(Proxies(Networks(LISTED), _who), Response)
    return client.get("/", headers=headers, environ_overrides={"REMOTE_ADDR": peer})


@pytest.mark.parametrize(
    ("peer", "header", "asked"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("10.0.0.1", "2001:db8::5", "2001:db8::5"),
        ("10.0.0.1", "10.1.0.1", "10.1.0.1"),
        ("203.0.113.50", "198.51.100.1", "203.0.113.50"),
        ("203.0.113.50", "nonsense", "203.0.113.50"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_counts(peer: str, header: str, asked: str) -> None:
    """From a listed proxy the last foreign hop counts; from anybody else the header is not looked at."""
    assert _ask(peer, {"X-Forwarded-For": header}).text == asked


def test_a_listed_proxy_may_ask_by_itself() -> None:
    """Without the header a proxy's request is its own, as a health check is."""
    assert _ask("10.0.0.1", {}).text == "10.0.0.1"


@pytest.mark.parametrize(
    "header", ["", "unknown", "203.0.113.9:4711", "203.0.113.9,", "[2001:db8::5]", "a, 203.0.113.9 x", "1,2", "9" * 400]
)
def test_a_malformed_header_of_a_listed_proxy_is_refused(header: str) -> None:
    """Falling back to the proxy's address would let it pass as somebody else (CVE-2024-47070)."""
    answer = _ask("10.0.0.1", {"X-Forwarded-For": header})
    assert answer.status_code == 400 and answer.headers["Cache-Control"] == "no-store"


def test_too_many_hops_are_refused() -> None:
    """A header that names hosts without end is malformed."""
    assert _ask("10.0.0.1", {"X-Forwarded-For": ",".join(["10.1.0.1"] * 100)}).status_code == 400


class TestLimits:
    """The address that counts is the one that limits look at."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {"server": ServerSettings(trusted_proxies=("127.0.0.1",))}

    def test_the_whole_application_sees_the_asking_address(self, house: House, app: Any) -> None:
        """The provider refuses what its proxy garbled, and serves the rest."""
        http = app.test_client()
        assert http.get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200
        assert http.get("/healthz", headers={"X-Forwarded-For": "x"}).status_code == 400
        assert http.get("/oauth/jwks", headers={"X-Forwarded-For": "x"}).status_code == 400
