"""A person at a browser, over plain HTTP: follows redirects between provider and application, fills in forms."""

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT_SECONDS = 30


class Person:
    """What somebody with a browser does; the cookies of all sites on this machine are theirs."""

    def __init__(self, *, login_name: str, password: str) -> None:
        self._login_name, self._password = login_name, password
        self._http = requests.Session()
        self._http.trust_env = False
        self.url, self.text = "", ""

    def open(self, url: str, *, until: str | None = None) -> None:
        """Get a page and follow redirects; stop before an address that begins with `until`."""
        self._follow(self._http.get(url, allow_redirects=False, timeout=TIMEOUT_SECONDS), until)

    def log_in_and_allow(self, *, until: str | None = None) -> None:
        """Answer the login page, and the consent page where it comes."""
        self.submit({"identifier": self._login_name, "password": self._password}, until=until)
        if 'value="allow"' in self.text and not (until and self.url.startswith(until)):
            granted = re.findall(r'name="granted" value="([^"]+)"', self.text)
            self.submit({"granted": granted, "decision": "allow"}, until=until)

    def submit(self, fields: dict[str, Any], *, until: str | None = None) -> None:
        """Post the page's own form with its token."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert token is not None, self.text
        data = {"csrf_token": unescape(token.group(1)), **fields}
        self._follow(self._http.post(self.url, data=data, allow_redirects=False, timeout=TIMEOUT_SECONDS), until)

    def _follow(self, answer: requests.Response, until: str | None) -> None:
        for _ in range(15):
            location = answer.headers.get("Location")
            if answer.status_code not in (301, 302, 303) or location is None:
                break
            location = urljoin(answer.url, location)
            if until is not None and location.startswith(until):
                self.url, self.text = location, ""
                return
            assert urlsplit(location).hostname == "127.0.0.1", location
            answer = self._http.get(location, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        self.url, self.text = answer.url, answer.text
