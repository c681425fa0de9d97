"""Headers, cookies and CSRF of the real application's pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from idp.app import create_app
from idp.config.settings import Settings
from idp.house.build import build_house
from tests.support.relying_party import FormBrowser
from tests.support.site import NO_LIMITS, Site

#: POSTs that programs send, or other sites on purpose (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).
_FROM_OUTSIDE = re.compile(r"/oauth/(authorize|token|userinfo|introspect|revoke|register|logout)")


def _filled(rule: str) -> str:
    """Return an address of a route, about nothing that there is."""
    return re.sub(r"<[^>]*>", "nothing", re.sub(r"<int:[^>]*>", "1", rule))


@pytest.fixture(scope="module")
def secure_app(site_folder: Path) -> Iterator[Flask]:
    """The application as it is under https."""
    settings = Settings(data_dir=site_folder, issuer="https://id.example.gov.cn", limits=NO_LIMITS)
    house = build_house(settings)
    yield create_app(house)
    house.close()


def _pages(site: Site) -> Iterator[tuple[str, TestResponse]]:
    """Yield an answer for every address that can be opened without being known before."""
    http = site.app.test_client()
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            path = _filled(rule.rule)
            yield path, http.get(path)
    browser = FormBrowser(site.app)
    browser.open(site.party.authorize_path())
    assert browser.response is not None
    yield "login", browser.response
    browser.submit({"identifier": "nobody", "password": "nothing"})
    yield "login refused", browser.response


def test_every_answer_carries_a_strict_policy(site: Site) -> None:
    """No page allows inline code, foreign frames or being framed (ASVS 3.4.3, 3.4.6)."""
    seen = 0
    for path, answer in _pages(site):
        policy = dict(part.partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split("; "))
        assert "unsafe" not in answer.headers["Content-Security-Policy"], path
        assert policy["default-src"] == "'none'", path
        assert policy["script-src"] == policy["style-src"] == "'self'", path
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["frame-src"] == "'none'", path
        assert policy["form-action"].startswith("'self'") and "*" not in policy["form-action"], path
        assert answer.headers["X-Frame-Options"] == "DENY", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "no-referrer", path
        assert answer.headers["X-Request-Id"], path
        if answer.mimetype == "text/html":
            assert "no-store" in answer.headers["Cache-Control"], path
        seen += 1
    assert seen > 25


def test_only_the_waiting_client_may_be_posted_to(site: Site) -> None:
    """A login page lets its form lead to the parked client, and no other page does."""
    browser = FormBrowser(site.app)
    answer = browser.open(site.party.authorize_path())
    origin = site.party.redirect_uri.removesuffix("/callback")
    assert f"form-action 'self' {origin};" in answer.headers["Content-Security-Policy"]
    assert "form-action 'self';" in browser.open("/").headers["Content-Security-Policy"]


def test_every_form_of_ours_is_refused_without_its_token(site: Site) -> None:
    """A POST without the CSRF token changes nothing and says so, with the number of the request."""
    http, seen = site.app.test_client(), 0
    for rule in site.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or _FROM_OUTSIDE.match(rule.rule):
            continue
        path = _filled(rule.rule)
        answer = http.post(path, data={"csrf_token": "made-up"}, headers={"Accept-Language": "zh-CN"})
        assert answer.status_code == 400, path
        assert "页面停留时间过长" in answer.text or "页面已过期" in answer.text, path
        assert answer.headers["X-Request-Id"] in answer.text, path
        seen += 1
    assert seen > 15


def test_a_token_of_another_browser_is_refused(site: Site) -> None:
    """The token is bound to the browser: somebody else's does not do."""
    mine, theirs = FormBrowser(site.app), FormBrowser(site.app)
    mine.open(site.party.authorize_path())
    theirs.open(site.party.authorize_path())
    stolen = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', theirs.text)
    assert stolen is not None
    answer = mine.client.post(mine.path, data={"csrf_token": stolen.group(1), "identifier": "a", "password": "b"})
    assert answer.status_code == 400


def test_program_errors_are_json_and_page_errors_are_pages(site: Site) -> None:
    """A program never gets a page, and a person never gets JSON; both get the request's id."""
    http = site.app.test_client()
    for path in ("/oauth/token", "/oauth/nothing"):
        answer = http.get(path)
        assert answer.mimetype == "application/json" and answer.get_json()["error"], path
    for path in ("/nothing", "/oauth/authorize", "/oauth/logout?id_token_hint=x"):
        answer = http.get(path)
        assert answer.mimetype == "text/html" and answer.status_code in (400, 404), path
        assert answer.headers["X-Request-Id"] in answer.text, path


def test_cookies_are_kept_from_scripts_and_other_sites(site: Site) -> None:
    """Every cookie is HttpOnly and SameSite=Lax (ASVS 3.3.4, 3.3.2)."""
    browser = FormBrowser(site.app)
    browser.open(site.party.authorize_path())
    jar = browser.client._cookies
    assert {name for _domain, _path, name in jar} >= {"yihao_browser", "yihao_forms"}
    for cookie in jar.values():
        assert cookie.http_only and cookie.same_site == "Lax" and not cookie.secure


def test_cookies_under_https_are_bound_to_the_host(secure_app: Flask) -> None:
    """Under https each secret cookie is Secure and __Host- (ASVS 3.3.1, 3.3.3), and HSTS is sent."""
    http = secure_app.test_client()
    answer = http.get("/login", base_url="https://id.example.gov.cn")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    answers = [answer, http.get(answer.headers["Location"], base_url="https://id.example.gov.cn")]
    cookies = [line for each in answers for line in each.headers.getlist("Set-Cookie")]
    assert cookies
    for line in cookies:
        assert line.startswith("__Host-"), line.partition("=")[0]
        assert "; Secure" in line and "; HttpOnly" in line and "; Path=/" in line and "Domain" not in line
