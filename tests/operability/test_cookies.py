"""Under https every cookie is bound to the host and to TLS, and browsers are told to stay with it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, make_client

ISSUER = "https://id.example.gov.cn"


@pytest.fixture
def overrides() -> dict[str, Any]:
    """An https issuer, as in production behind a front proxy that ends TLS."""
    return {"issuer": ISSUER}


def _cookies_of(app: Flask) -> dict[str, str]:
    """Return the lines by which cookies are set from here on, by name, as they leave the whole application."""
    inner, seen = app.wsgi_app, {}

    def listen(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: Any, *rest: Any) -> Any:
            seen.update({line.split("=")[0]: line for name, line in headers if name.lower() == "set-cookie"})
            return start_response(status, headers, *rest)

        return inner(environ, start)

    app.wsgi_app = listen  # type: ignore[method-assign]
    return seen


def test_cookies_are_bound_to_host_and_tls(
    house: House, app: Flask, register_person: Callable[..., TestPerson]
) -> None:
    """Each cookie of a login has the __Host- prefix, Secure, HttpOnly and SameSite (RFC 6265bis §4.1.3.2)."""
    person, party, browser, seen = register_person(), make_client(house), FormBrowser(app), _cookies_of(app)
    browser.client.environ_base["wsgi.url_scheme"] = "https"
    browser.open(party.authorize_path())
    browser.log_in(person)
    assert set(seen) == {f"__Host-yihao_{name}" for name in ("session", "device", "browser", "forms")}
    for name, line in seen.items():
        parts = {part.strip().split("=")[0].lower() for part in line.split(";")[1:]}
        assert name.startswith("__Host-") and {"secure", "httponly", "path", "samesite"} <= parts, line
        assert "domain" not in parts and "Path=/;" in line + ";"


@pytest.mark.parametrize("path", ["/healthz", "/oauth/jwks", "/.well-known/openid-configuration", "/login", "/nothing"])
def test_browsers_are_told_to_stay_with_tls(house: House, app: Flask, path: str) -> None:
    """Every answer carries Strict-Transport-Security (RFC 6797 §7.1)."""
    assert app.test_client().get(path).headers["Strict-Transport-Security"].startswith("max-age=31536000")
