"""A browser small enough for the pages before the first code: it logs in, allows, and keeps its cookies."""

import html
import http.client
import re
from urllib.parse import urlencode, urljoin, urlsplit

from bench.children import BenchFailed
from bench.target import BenchClient, Target

_MOST_PAGES = 24
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_REDIRECTS = (301, 302, 303, 307)


class Browser:
    """Cookies of one person at one provider."""

    def __init__(self, target: Target, place: int) -> None:
        self._target = target
        self._login_name, self._password = target.person(place)
        self._cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def reach_code(self, client: BenchClient) -> None:
        """Go through the pages until the client gets a code; raises BenchFailed."""
        path = self._target.authorize_path(client.id, client.redirect_uri, "login")
        method, form = "GET", ""
        for _ in range(_MOST_PAGES):
            status, location, text = self._go(method, path, form)
            if status in _REDIRECTS:
                where = urljoin(self._target.base + path, location)
                if where.startswith(client.redirect_uri):
                    self._check(where)
                    return
                path, method, form = self._local(where), "GET", ""
            elif status == 200 and method == "GET" and (form := self._filled(text)):
                method = "POST"
            else:
                raise BenchFailed(f"{self._target.name}: {method} {path.partition('?')[0]} gave status {status}")
        raise BenchFailed(f"{self._target.name}: the pages of a login go round in a circle")

    def _check(self, where: str) -> None:
        if "code=" not in where:
            raise BenchFailed(f"{self._target.name}: no code but {urlsplit(where).query[:200]}")

    def _local(self, where: str) -> str:
        parts = urlsplit(where)
        if f"{parts.scheme}://{parts.netloc}" != self._target.base:
            raise BenchFailed(f"{self._target.name}: a redirect leads away from it")
        return parts.path + ("?" + parts.query if parts.query else "")

    def _filled(self, text: str) -> str:
        found = _CSRF.search(text)
        if found is None:
            return ""
        fields = {"csrf_token": html.unescape(found[1])}
        if 'name="password"' in text:
            fields |= {"identifier": self._login_name, "password": self._password}
        else:
            fields |= {"decision": "allow"}
        return urlencode(fields)

    def _go(self, method: str, path: str, form: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._target.port, timeout=60)
        headers = {"Connection": "close"}
        if self._cookies:
            headers["Cookie"] = self.cookie
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, form or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].strip().partition("=")
            if value and "max-age=0" not in line.lower() and "expires=thu, 01 jan 1970" not in line.lower():
                self._cookies[name] = value
            else:
                self._cookies.pop(name, None)
        return answer.status, answer.headers.get("Location", ""), text
