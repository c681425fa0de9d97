"""The browser of the tests."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Error

from tests.support.tools import find_chromium, tool_of


class Greeting(BaseHTTPRequestHandler):
    """Answers every request with a page that sets a cookie."""

    def do_GET(self):
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Set-Cookie", "seen=1")
        self.end_headers()
        self.wfile.write(f"<h1>{self.headers.get('Cookie', 'none')}</h1>".encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def site():
    """The address of a page on this machine."""
    with HTTPServer(("127.0.0.1", 0), Greeting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_page_loads_without_cookies(page, site):
    """Each test has a browser without cookies, in Chinese."""
    page.goto(site)
    assert page.inner_text("h1") == "none"
    page.reload()
    assert page.inner_text("h1") == "seen=1"
    assert page.evaluate("navigator.language") == "zh-CN"


def test_browser_does_not_leave_this_machine(page):
    """The browser resolves no other machine's name."""
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://idp.example/")


def test_named_browser_that_is_not_there_is_missing(monkeypatch, tmp_path):
    """A wrong IDP_CHROMIUM is not covered up by another browser."""
    monkeypatch.setenv("IDP_CHROMIUM", str(tmp_path / "none"))
    assert find_chromium() is None


def test_reason_names_the_tool():
    """The lack of a tool is told from other reasons."""
    assert tool_of("Skipped: needs slapd: not installed") == "slapd"
    assert tool_of("not on this system") is None
