"""A portal with an injected discovery document and key set, and logout tokens for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from demo.portals.app import create_portal
from demo.portals.logout_token import LOGOUT_EVENT
from demo.portals.sessions import Login, PortalSession
from demo.portals.settings import PortalKind, PortalSettings

ISSUER = "http://idp.example"
BASE = "http://portal.example:5001"
CLIENT = "demo-portal"


class Browser(FlaskClient):
    """A test client that comes under the portal's registered host name."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", BASE)
        return super().open(*args, **kwargs)


@dataclass
class Standing:
    """A clock that stands still until a test moves it."""

    value: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.value


@dataclass
class Portal:
    """One portal under test."""

    app: Flask
    key: ECKey
    clock: Standing
    settings: PortalSettings
    counter: list[int] = field(default_factory=lambda: [0])

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def log_in(self, *, sid: str = "sid-1", sub: str = "sub-1", **claims: Any) -> FlaskClient:
        """Return a browser that is logged in."""
        session = PortalSession()
        session["login"] = Login(
            id_token="id.token.hint",
            id_claims={"iss": ISSUER, "aud": CLIENT, "sub": sub, "sid": sid, "amr": ["pwd"]},
            userinfo={"sub": sub, "name": "张三", "phone_number": "+8613800138001", **claims},
        )
        client = self.client()
        key = self.app.extensions["portal_sessions"].add(session)
        client.set_cookie(self.settings.cookie_name, key, domain="portal.example")
        return client

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good logout token claims; a change to None leaves the claim out."""
        self.counter[0] += 1
        now = int(self.clock())
        good = {
            "iss": ISSUER,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": f"jti-{self.counter[0]}",
            "sid": "sid-1",
            "sub": "sub-1",
            "events": {LOGOUT_EVENT: {}},
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, key: ECKey | None = None, **changes: Any) -> str:
        """Return a signed logout token."""
        full = {"alg": "ES256", "kid": "key-1", "typ": "logout+jwt", **(header or {})}
        full = {name: value for name, value in full.items() if value is not None}
        return jwt.encode(full, self.claims(**changes), key or self.key, default_type=None)


def is_logged_in(client: FlaskClient) -> bool:
    """Return whether the browser still gets its page of claims."""
    return client.get("/me").status_code == 200


@pytest.fixture
def make_portal() -> Callable[..., Portal]:
    def make(kind: PortalKind = PortalKind.SERVICE) -> Portal:
        key = ECKey.generate_key("P-256", {"kid": "key-1", "use": "sig", "alg": "ES256"})
        settings = PortalSettings(
            kind=kind,
            client_id=CLIENT,
            client_secret="not-a-secret",
            issuer=ISSUER,
            base_url=BASE,
            other_url="http://other.example",
        )
        clock = Standing()
        metadata = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "end_session_endpoint": f"{ISSUER}/logout",
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "authorization_response_iss_parameter_supported": True,
            "jwks": {"keys": [key.as_dict(private=False)]},
        }
        app = create_portal(settings, metadata=metadata, now=clock)
        app.test_client_class = Browser
        return Portal(app, key, clock, settings)

    return make


@pytest.fixture
def portal(make_portal: Callable[..., Portal]) -> Portal:
    return make_portal()
