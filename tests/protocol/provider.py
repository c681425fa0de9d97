"""The provider under test: its front door, its persons, and browsers that are logged in already."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from clients.resources import ResourceServer
from idp.house.build import House
from idp.persons.models import Proofing
from idp.persons.registration import NewPerson
from idp.persons.vouching import vouch
from idp.sessions.service import Authentication
from idp.web.context import CookieNames
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of

API = "https://housing.example.gov.cn/api"
OTHER_API = "https://tax.example.gov.cn/api"
#: For modules whose rules do not touch what is stored: one set-up is enough.
EMBEDDED = pytest.mark.parametrize("house", ["embedded"], indirect=True)


@dataclass
class Provider:
    """A house with its application, as a client and a browser meet it."""

    house: House
    app: Flask
    clock: FrozenClock
    http: FlaskClient = field(init=False)
    _persons: int = 0

    def __post_init__(self) -> None:
        self.http = self.app.test_client()

    @property
    def issuer(self) -> str:
        return self.house.settings.issuer

    def person(self, name: str = "张小明", **extra: Any) -> TestPerson:
        """Make a person who cannot log in by password: most rules do not care how somebody did."""
        self._persons += 1
        mobile, login_name = f"+8613800137{self._persons:03d}", f"citizen{self._persons}"
        new = NewPerson(name=name, mobile=mobile, login_name=login_name, **extra)
        with self.house.ground.database.transaction() as session:
            person_id = self.house.people.registration.register(session, new)
        return TestPerson(person_id, name, "", mobile, login_name)

    def browser(self, person: TestPerson | None = None, *, amr: tuple[str, ...] = ("pwd",)) -> FormBrowser:
        """Return a browser, with a session of `person` where one is given."""
        browser = FormBrowser(self.app)
        if person is not None:
            self.log_in(browser, person, amr=amr)
        return browser

    def log_in(self, browser: FormBrowser, person: TestPerson, *, amr: tuple[str, ...] = ("pwd",)) -> None:
        """Give a browser a session, as the login's last step would."""
        with self.house.ground.database.transaction() as session:
            _, handle = self.house.protocol.sessions.start(
                session,
                Authentication(person.id, amr, self.clock.now()),
                channel="portal",
                device_id=None,
                device_label="Test",
            )
        browser.client.set_cookie(CookieNames.for_scheme(https=False).session, handle)

    def client(self, **metadata: Any) -> RelyingParty:
        """Register a client; see make_client."""
        return make_client(self.house, **metadata)

    def api(self, audience: str = API, **settings: Any) -> ResourceServer:
        """Register a resource server with the scopes housing.read and housing.write, or others."""
        scopes = settings.pop("scopes", {"housing.read", "housing.write"})
        return self.house.protocol.resources.create(
            ResourceServer(audience=audience, name="API", scopes=frozenset(scopes), **settings)
        )

    def api_client(self, *audiences: str, scope: str = "openid profile housing.read", **metadata: Any) -> RelyingParty:
        """Register a client that may use these APIs."""
        policy = {"require_consent": False, "allowed_resources": audiences or (API,), **metadata.pop("policy", {})}
        return self.client(scope=scope, policy=policy, **metadata)

    def answer(self, browser: FormBrowser, party: RelyingParty, **parameters: Any) -> dict[str, str]:
        """Ask for authorization and return what came back in the redirect's query."""
        response = browser.client.get(party.authorize_path(**parameters))
        assert response.status_code == 303, response.text
        assert response.headers["Location"].startswith(party.redirect_uri), response.headers["Location"]
        return parameters_of(response.headers["Location"])

    def code(self, browser: FormBrowser, party: RelyingParty, **parameters: Any) -> str:
        """Return a code that the person's session earned."""
        return self.answer(browser, party, **parameters)["code"]

    def tokens(self, browser: FormBrowser, party: RelyingParty, **parameters: Any) -> dict[str, Any]:
        """Return the token answer of a whole code flow."""
        response = party.redeem(self.http, self.code(browser, party, **parameters))
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.get_json()
        return body

    def userinfo(self, token: str) -> TestResponse:
        """Ask who the token's person is."""
        return self.http.get("/oauth/userinfo", headers=bearer(token))

    def introspect(self, party: RelyingParty, token: str) -> dict[str, Any]:
        """Return what the provider says about a token."""
        response = self.http.post("/oauth/introspect", data={"token": token}, headers=party.basic())
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.get_json()
        return body

    def claims_of(self, token: str, *, typ: str = "JWT", algorithm: str | None = None) -> dict[str, Any]:
        """Return the claims of a token of ours, verified as a client does: by the published keys."""
        keys = KeySet.import_key_set(self.http.get("/oauth/jwks").get_json())
        parsed = jws.deserialize_compact(token, keys, algorithms=[algorithm] if algorithm else ["ES256", "RS256"])
        header = parsed.headers()
        assert header["typ"] == typ and header["kid"], header
        claims: dict[str, Any] = json.loads(parsed.payload)
        assert claims["iss"] == self.issuer
        return claims

    def prove(self, person: TestPerson, level: int, *, days: int = 365) -> None:
        """Raise a person's identity level, as a proofing would."""
        now = self.clock.now()
        with self.house.ground.database.transaction() as session:
            session.add(
                Proofing(
                    id=f"proofing-{level}-{person.login_name}"[:22],
                    person_id=person.id,
                    level=level,
                    method="test",
                    provider="test",
                    proved_at=now,
                    valid_until=now + timedelta(days=days),
                )
            )
            vouch(session, person.id, ("pwd", "sms"), at=now)


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows an access token (RFC 6750 §2.1)."""
    return {"Authorization": f"Bearer {token}"}


def form(http: FlaskClient, path: str, body: str | bytes, **headers: str) -> TestResponse:
    """Post a raw body as a form, with nothing done to it."""
    return http.post(path, data=body, content_type="application/x-www-form-urlencoded", headers=headers)


def query(**parameters: Any) -> str:
    """Return an urlencoded query."""
    return urlencode(parameters, doseq=True)
