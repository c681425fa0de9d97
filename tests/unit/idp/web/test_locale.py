"""The language of a page, the safe way back after switching it, and times as people read them."""

from datetime import UTC, datetime

import pytest
from flask import Flask, Response, g

from idp.web.locale import (
    COOKIE,
    init_locale,
    language_tag,
    local_path,
    negotiate,
    select_locale,
    set_locale_cookie,
    text_direction,
)


@pytest.fixture
def app() -> Flask:
    app = Flask("locale-test")
    init_locale(app, ["zh_CN", "en"], "zh_CN")
    return app


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["zh-CN"], "zh_CN"),
        (["zh"], "zh_CN"),
        (["zh-Hans"], "zh_CN"),
        (["ZH-hans-cn"], "zh_CN"),
        (["en-GB"], "en"),
        (["fr", "en"], "en"),
        (["mn"], "mn_CN"),
        (["mn-Mong"], "mn_Mong_CN"),
        (["bo"], "bo_CN"),
        (["zh-TW"], None),
        (["fr"], None),
        ([], None),
        (["*"], None),
        (["en\n"], None),
        (["../../etc/passwd"], None),
        (["x" * 10_000], None),
        (["fr"] * 50 + ["en"], None),
    ],
)
def test_negotiation(wanted: list[str], expected: str | None) -> None:
    """A tag is served by its language and script; anything malformed or unknown is passed over."""
    assert negotiate(wanted, ["zh_CN", "en", "bo_CN", "mn_CN", "mn_Mong_CN"]) == expected


@pytest.mark.parametrize(
    ("ui_locales", "cookie", "browser", "expected"),
    [
        ("en zh", "zh_CN", "zh", "en"),
        (["en"], "zh_CN", "zh", "en"),
        ("fr", "en", "zh", "en"),
        (None, "nonsense", "en;q=0.9, fr", "en"),
        (None, None, None, "zh_CN"),
    ],
)
def test_order_of_preference(
    app: Flask, ui_locales: object, cookie: str | None, browser: str | None, expected: str
) -> None:
    """ui_locales beats the cookie, the cookie the browser, and Chinese comes last (OIDC Core §3.1.2.1)."""
    headers = {name: value for name, value in (("Accept-Language", browser),) if value}
    if cookie:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    with app.test_request_context("/", headers=headers):
        g.ui_locales = ui_locales
        assert select_locale() == expected


def test_tag_and_direction(app: Flask) -> None:
    """The page names its language in BCP 47 and its direction."""
    with app.test_request_context("/"):
        assert (language_tag(), text_direction()) == ("zh-CN", "ltr")


def test_instants_are_civil_time_in_china(app: Flask) -> None:
    """An instant is written in Chinese civil time, whatever the server's zone."""
    with app.test_request_context("/"):
        written = app.jinja_env.filters["instant"](datetime(2026, 3, 5, 23, 30, tzinfo=UTC))
    assert written == "2026年3月6日 07:30"


@pytest.mark.parametrize(("locale", "kept"), [("en", True), ("fr", False), ("en; Domain=evil.example", False)])
def test_only_a_supported_locale_is_remembered(app: Flask, locale: str, kept: bool) -> None:
    """A cookie is set for a supported locale and for nothing else."""
    with app.test_request_context("/"):
        response = Response()
        set_locale_cookie(response, locale, secure=True)
    cookie = response.headers.get("Set-Cookie", "")
    assert (COOKIE in cookie) is kept
    if kept:
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ("/account?x=1", "/account?x=1"),
        ("/", "/"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/" + "a" * 3000, "/"),
    ],
)
def test_the_way_back_is_a_path_of_ours(candidate: str, expected: str) -> None:
    """Only a path on this host is gone back to."""
    assert local_path(candidate) == expected


def test_an_unsupported_default_is_refused() -> None:
    """A default that is not offered stops the start."""
    with pytest.raises(ValueError, match="default locale"):
        init_locale(Flask("locale-test"), ["en"], "zh_CN")
