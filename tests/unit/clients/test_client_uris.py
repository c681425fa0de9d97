"""Which redirect URIs and other addresses a client may register."""

import pytest

from clients.uris import page_uri, parse_uri, redirect_uri, service_uri


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("https://portal.example.cn/callback", "web"),
        ("https://portal.example.cn:8443/callback?tenant=1", "web"),
        ("https://[2001:db8::1]/callback", "web"),
        ("https://app.example.cn/callback", "native"),
        ("cn.example.app:/callback", "native"),
        ("cn.example.app://callback", "native"),
        ("http://127.0.0.1/callback", "native"),
        ("http://[::1]:3000/callback", "native"),
        ("http://localhost:3000/callback", "native"),
    ],
)
def test_fit_redirect_uri_is_taken(uri: str, kind: str) -> None:
    """https always; an app also its own scheme and loopback (RFC 8252 §7, OIDC Registration §2)."""
    assert redirect_uri(uri, application_type=kind, allow_loopback_http=False) is not None


@pytest.mark.parametrize("kind", ["web", "native"])
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "callback",
        "https:///callback",
        "https://portal.example.cn/callback#part",
        "https://portal.example.cn/callback#",
        "https://user@portal.example.cn/callback",
        "https://portal.example.cn@evil.example/callback",
        "https://*.example.cn/callback",
        "https://portal.example.cn/*",
        "https://portal.example.cn/call back",
        "https://portal.example.cn/call\nback",
        "https://portal.example.cn/call\tback",
        "https://portal.example.cn/\x00",
        "https://portal.example.cn\\@evil.example/",
        "https://portal.example.cn/%zz",
        "https://portal.example.cn/%4",
        "https://portal.example.cn:0/",
        "https://portal.example.cn:/",
        "https://portal.example.cn:99999/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://-bad.example.cn/",
        "https://门户.example.cn/",
        "http://portal.example.cn/callback",
        "http://127.0.0.1.evil.example/callback",
        "ftp://portal.example.cn/callback",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/callback",
        "https://portal.example.cn/" + "a" * 2_000,
        5,
        None,
        ["https://portal.example.cn/"],
    ],
)
def test_unfit_redirect_uri_is_refused(uri: object, kind: str) -> None:
    """A relative, ambiguous, unprotected or script-like URI is no redirect URI (RFC 6749 §3.1.2)."""
    assert redirect_uri(uri, application_type=kind, allow_loopback_http=False) is None


def test_web_client_gets_loopback_only_where_allowed() -> None:
    """Plain http on loopback is for development."""
    uri = "http://127.0.0.1:5001/callback"
    assert redirect_uri(uri, application_type="web", allow_loopback_http=True) is not None
    assert redirect_uri(uri, application_type="web", allow_loopback_http=False) is None


def test_web_client_gets_no_custom_scheme() -> None:
    """Only an app owns a scheme (OIDC Registration §2)."""
    assert redirect_uri("cn.example.app:/cb", application_type="web", allow_loopback_http=True) is None


def test_service_uri_is_protected() -> None:
    """We call https, or loopback where allowed, without fragment."""
    assert service_uri("https://portal.example.cn/jwks", allow_loopback_http=False)
    assert service_uri("http://localhost:8000/jwks", allow_loopback_http=True)
    assert service_uri("http://localhost:8000/jwks", allow_loopback_http=False) is None
    assert service_uri("http://portal.example.cn/jwks", allow_loopback_http=True) is None
    assert service_uri("https://portal.example.cn/jwks#x", allow_loopback_http=True) is None


def test_page_uri_is_http_or_https() -> None:
    """A page may be plain http, but never a script."""
    assert page_uri("http://www.example.cn/")
    assert page_uri("javascript:alert(1)") is None
    assert page_uri("cn.example.app:/x") is None


def test_origin_fills_in_the_default_port() -> None:
    """https://a and https://a:443 are one origin (RFC 6454 §4)."""
    left, right = parse_uri("https://A.example.cn/x"), parse_uri("https://a.example.cn:443/y")
    assert left is not None
    assert right is not None
    assert left.origin == right.origin
