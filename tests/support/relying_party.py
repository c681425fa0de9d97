"""A tiny relying party and a form-filling browser over Flask's test client."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.house.build import House
from tests.support.houses import TestPerson

REDIRECT_URI = "https://portal.example.gov.cn/callback"


class FormBrowser:
    """Follows redirects within the provider and fills in forms; knows what the page says."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.response: TestResponse | None = None
        self.path = "/"

    @property
    def text(self) -> str:
        """The page as text."""
        assert self.response is not None
        return self.response.get_data(as_text=True)

    @property
    def text_without_token(self) -> str:
        """The page as text but for its CSRF token, which tells the second it was made in."""
        return re.sub(r'(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", self.text)

    @property
    def location(self) -> str:
        """Where the last answer led out of the provider."""
        assert self.response is not None
        return self.response.headers["Location"]

    def open(self, path: str) -> TestResponse:
        """Get a page and follow redirects as long as they stay here."""
        return self._follow(self.client.get(path), path)

    def submit(self, fields: dict[str, Any], path: str | None = None) -> TestResponse:
        """Post a form with the page's CSRF token to its own address."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        data = {"csrf_token": unescape(token.group(1)) if token else "", **fields}
        target = path or self.path
        return self._follow(self.client.post(target, data=data), target)

    def log_in(self, person: TestPerson, identifier: str | None = None) -> TestResponse:
        """Fill in the login page."""
        return self.submit({"identifier": identifier or person.login_name, "password": person.password})

    def _follow(self, response: TestResponse, path: str) -> TestResponse:
        for _ in range(10):
            location = response.headers.get("Location", "")
            if response.status_code not in (301, 302, 303) or not location.startswith("/"):
                break
            path = location
            response = self.client.get(location)
        self.response, self.path = response, path
        return response


@dataclass
class RelyingParty:
    """A confidential client of the provider under test."""

    client_id: str
    client_secret: str | None
    redirect_uri: str = REDIRECT_URI
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        """The S256 challenge of this party's verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def authorize_path(self, **parameters: Any) -> str:
        """Return the path of an authorization request; None removes a default."""
        values = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": "st-1",
            "nonce": "no-1",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **parameters,
        }
        kept = {name: value for name, value in values.items() if value is not None}
        return "/oauth/authorize?" + urlencode(kept, doseq=True)

    def basic(self) -> dict[str, str]:
        """Return the header of client_secret_basic."""
        raw = f"{self.client_id}:{self.client_secret}".encode()
        return {"Authorization": "Basic " + base64.b64encode(raw).decode()}

    def token(self, http: FlaskClient, **parameters: Any) -> TestResponse:
        """Post to the token endpoint."""
        kept = {name: value for name, value in parameters.items() if value is not None}
        return http.post("/oauth/token", data=kept, headers=self.basic())

    def redeem(self, http: FlaskClient, code: str, **parameters: Any) -> TestResponse:
        """Redeem a code as it should be."""
        values = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **parameters,
        }
        return self.token(http, **values)


def parameters_of(location: str) -> dict[str, str]:
    """Return the query parameters of a redirect."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def make_client(house: House, **extra: Any) -> RelyingParty:
    """Register a client in the house; `policy` holds overrides of ours."""
    from clients.overrides import Overrides

    policy = extra.pop("policy", {"require_consent": False})
    document = {
        "client_name": "Test Portal",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile email phone offline_access",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "ES256",
        **extra,
    }
    created = house.protocol.administration.create(document, overrides=Overrides(**policy))
    uris = document["redirect_uris"]
    assert isinstance(uris, list)
    return RelyingParty(created.client.client_id, created.client_secret, uris[0] if uris else REDIRECT_URI)
