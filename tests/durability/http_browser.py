"""A form-filling browser over real HTTP, that tells an answer from an unknown outcome."""

import http.client
import json
import re
from collections.abc import Mapping
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode


class Unknown(Exception):
    """No answer, or one that says that the service is out: whether it was done is not known."""


class HttpBrowser:
    """Keeps cookies, follows redirects within the provider, fills in forms."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self.path = "/"
        self.status = 0
        self.location = ""
        self.text = ""

    def open(self, path: str) -> None:
        """Get a page and go wherever it leads, up to another site; raises Unknown."""
        self.send("GET", path)
        for _ in range(12):
            if self.status not in (302, 303) or not self.location.startswith("/"):
                return
            self.send("GET", self.location)

    def submit(self, fields: Mapping[str, str]) -> None:
        """Post the page's form without following where it leads; raises Unknown."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        self.send("POST", self.path, {"csrf_token": unescape(token.group(1)) if token else "", **fields})

    def send(
        self, method: str, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Make one request; raises Unknown."""
        body = None if form is None else urlencode(form)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Unknown(type(error).__name__) from None
        finally:
            connection.close()
        if response.status >= 500:
            if response.status != 503:
                raise AssertionError(f"{method} {path.split('?')[0]}: {response.status} {text[:300]}")
            raise Unknown("503")
        self._keep_cookies(response)
        self.path, self.status, self.text = path, response.status, text
        self.location = response.headers.get("Location", "")

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that came back."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for header in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
                if not morsel.value:
                    del self._cookies[name]
