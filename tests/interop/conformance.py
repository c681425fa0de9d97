"""The conformance profile as a real process over TLS, and a person's browser for plain HTTP clients."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from tests.interop.certificates import Certificates
from tests.support.process import ServerProcess

IDP = [sys.executable, "-m", "idp.cli"]


def clean_environment() -> dict[str, str]:
    """Return this process's environment without settings of the provider."""
    return {name: value for name, value in os.environ.items() if not name.startswith("IDP_")}


@dataclass
class Provider:
    """A running provider: its address, its authority, and what it printed."""

    issuer: str
    certificates: Certificates
    log: Path
    process: ServerProcess
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.verify = str(self.certificates.ca)

    @property
    def metadata(self) -> dict[str, Any]:
        """What discovery says."""
        return self.get("/.well-known/openid-configuration").json()

    def get(self, path: str, **options: Any) -> requests.Response:
        """Get a path of the provider."""
        return self.http.get(f"{self.issuer}{path}", timeout=20, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """Post to a path of the provider."""
        return self.http.post(f"{self.issuer}{path}", timeout=20, **options)

    def register(self, **metadata: Any) -> dict[str, Any]:
        """Register a client dynamically and return the answer."""
        answer = self.post("/oauth/register", json=metadata)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def command(self, *arguments: str) -> str:
        """Run the provider's command beside it, as the printed line says, and return its output."""
        found = re.search(r"IDP_CONFIG=(\S+)", self.log.read_text())
        assert found is not None
        done = subprocess.run(
            [*IDP, *arguments],
            env={**clean_environment(), "IDP_CONFIG": found.group(1)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class SuiteBrowser:
    """Keeps cookies, follows redirects within the provider, fills in the two forms."""

    def __init__(self, provider: Provider) -> None:
        self._issuer = provider.issuer
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = provider.http.verify

    def authorize(self, url: str) -> str:
        """Log in as alice and allow everything, as far as asked; return the address it ends at."""
        page, location = self._open("GET", url)
        for _ in range(4):
            if location is not None:
                return location
            page, location = self._open("POST", page.url, _filled(page.text))
        raise AssertionError(page.text)

    def leave(self, url: str) -> str:
        """Return where a request leads out of the provider without any form."""
        page, location = self._open("GET", url)
        assert location is not None, page.text
        return location

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _open(self, method: str, url: str, data: Any = None) -> tuple[requests.Response, str | None]:
        for _ in range(10):
            answer = self._http.request(method, url, data=data, allow_redirects=False, timeout=20)
            if "Location" not in answer.headers:
                return answer, None
            url, method, data = urljoin(url, answer.headers["Location"]), "GET", None
            if not url.startswith(self._issuer + "/"):
                return answer, url
        raise AssertionError("too many redirects")


def _filled(page: str) -> list[tuple[str, str]]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None, page
    fields = [("csrf_token", unescape(token.group(1)))]
    if 'id="login-submit"' in page:
        return [*fields, ("identifier", "alice"), ("password", "alice-password")]
    assert 'id="consent-allow"' in page, page
    granted = re.findall(r'name="granted" value="([^"]+)"', page)
    return [*fields, ("decision", "allow"), *(("granted", each) for each in granted)]


def answer_of(location: str) -> dict[str, str]:
    """Return the parameters that the provider gave to a redirect URI."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
