"""The headers of every answer, and what may widen them."""

import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient

from idp.web.security_headers import init_security_headers


def _client(*, https: bool = True, form_action: tuple[str, ...] = (), frame_src: tuple[str, ...] = ()) -> FlaskClient:
    app = Flask("headers-test")
    init_security_headers(app, https=https)

    @app.get("/page")
    def page() -> str:
        g.csp_form_action = list(form_action)
        g.csp_frame_src = list(frame_src)
        return "<p>"

    @app.get("/keys")
    def keys() -> Response:
        return Response("{}", mimetype="application/json", headers={"Cache-Control": "public, max-age=300"})

    return app.test_client()


def _directives(client: FlaskClient) -> dict[str, str]:
    policy = client.get("/page").headers["Content-Security-Policy"]
    return {name: rest for name, _, rest in (part.partition(" ") for part in policy.split("; "))}


def test_a_page_allows_nothing_but_its_own_files() -> None:
    """The policy starts from nothing, names no unsafe source, and forbids framing."""
    directives = _directives(_client())
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["frame-src"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert not [rest for rest in directives.values() if "unsafe" in rest or "*" in rest]


def test_listed_origins_are_added_once() -> None:
    """The redirect's origin, a native app's scheme and the front-channel origins are added."""
    origins = (
        "https://rp.example",
        "https://rp.example",
        "http://127.0.0.1:8080",
        "http://[::1]:80",
        "com.example.app:",
    )
    directives = _directives(_client(form_action=origins, frame_src=("https://rp.example:8443",)))
    assert (
        directives["form-action"] == "'self' https://rp.example http://127.0.0.1:8080 http://[::1]:80 com.example.app:"
    )
    assert directives["frame-src"] == "https://rp.example:8443"


@pytest.mark.parametrize(
    "source",
    ["*", "https:", "data:", "javascript:", "'unsafe-inline'", "https://*.example", "https://rp.example/cb",
     "https://rp.example; script-src *", "https://rp.example\n", "https://a b", ""],
)  # fmt: skip
def test_anything_else_is_dropped(source: str) -> None:
    """A source that is no plain origin cannot widen the policy."""
    directives = _directives(_client(form_action=(source,), frame_src=(source,)))
    assert (directives["form-action"], directives["frame-src"]) == ("'self'", "'none'")


def test_pages_are_not_stored_and_a_view_keeps_its_own_headers() -> None:
    """A page is never cached; what a view decided for its answer stands."""
    client = _client()
    assert client.get("/page").headers["Cache-Control"] == "no-store"
    assert client.get("/keys").headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("https", [True, False])
def test_transport_security_only_over_https(https: bool) -> None:
    """Strict-Transport-Security is sent over HTTPS and nowhere else (RFC 6797 §7.2)."""
    headers = _client(https=https).get("/page").headers
    assert ("Strict-Transport-Security" in headers) is https
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
