"""Redis comes back with an older snapshot: what was acknowledged stays used, over HTTP and in SQL."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from joserfc.jwk import ECKey
from joserfc.jws import serialize_compact
from pydantic import SecretStr

from clients.presented import ASSERTION_TYPE
from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.config.settings import Settings, ShortLivedSettings
from idp.house.build import House, build_house
from idp.house.ground import create_keys, open_database
from idp.sessions.models import SsoSession
from migrations import run as migrations
from tests.races.pages import csrf_token
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.redis_server import PrivateRedis
from tests.support.relying_party import FormBrowser, make_client, parameters_of


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The Redis of the test's house, to be taken back in time."""

    server: PrivateRedis

    def take(self) -> None:
        """Write down what is there now."""
        with redis.Redis.from_url(self.server.url) as operator:
            operator.save()

    def restore(self) -> None:
        """Lose everything since then."""
        self.server.kill()
        self.server.start()


@pytest.fixture
def snapshots(private_redis: Callable[..., PrivateRedis]) -> Snapshots:
    return Snapshots(private_redis())


@pytest.fixture
def house(tmp_path: Path, snapshots: Snapshots, clock: FrozenClock) -> Iterator[House]:
    """A house with SQLite and that Redis."""
    url = SecretStr(snapshots.server.url)
    settings = Settings(data_dir=tmp_path / "data", short_lived=ShortLivedSettings(backend="redis", url=url))
    database = open_database(settings)
    migrations.upgrade(database)
    database.close()
    create_keys(settings, clock)
    built = build_house(settings, clock=clock)
    yield built
    built.close()


def test_a_redeemed_code_stays_redeemed(
    house: House, app: Flask, snapshots: Snapshots, register_person: Callable[..., TestPerson]
) -> None:
    """The snapshot holds the code again; it is refused all the same, and its tokens die (RFC 6749 §4.1.2)."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(person)
    code, http = parameters_of(browser.location)["code"], app.test_client()
    snapshots.take()
    tokens = party.redeem(http, code)
    assert tokens.status_code == 200
    snapshots.restore()
    again = party.redeem(http, code)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    token = tokens.get_json()["refresh_token"]
    assert party.token(http, grant_type="refresh_token", refresh_token=token).status_code == 400


def test_a_proof_that_was_used_starts_no_second_session(
    house: House, app: Flask, snapshots: Snapshots, register_person: Callable[..., TestPerson]
) -> None:
    """A login that was proved when the snapshot was taken, and is over since, cannot be taken up again."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    form = {"identifier": person.login_name, "password": person.password, "csrf_token": csrf_token(browser)}
    proceed = browser.client.post(browser.path, data=form).headers["Location"]
    snapshots.take()
    browser.open(proceed)
    assert "code" in parameters_of(browser.location)
    with house.ground.database.transaction() as session:
        live = session.scalars(sa.select(SsoSession.id)).one()
        house.protocol.sessions.end(session, live, reason="logged_out")
    snapshots.restore()
    assert browser.open(proceed).status_code == 400
    with house.ground.database.read() as session:
        assert len(session.scalars(sa.select(SsoSession.id)).all()) == 1
        logins = sa.select(sa.func.count()).where(AuditEvent.event == Event.LOGIN_SUCCEEDED)
        assert session.scalar(logins) == 1


def test_a_client_assertion_that_was_used_is_refused(
    house: House, app: Flask, snapshots: Snapshots, clock: FrozenClock
) -> None:
    """Its `jti` is forgotten, so everything that was made before the store came back is refused."""
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
    members = {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": [], "scope": None}
    jwks = {"keys": [key.as_dict(private=False)]}
    party = make_client(house, **members, token_endpoint_auth_method="private_key_jwt", jwks=jwks)
    http = app.test_client()

    def form(jti: str) -> dict[str, str]:
        now = int(clock.now().timestamp())
        claims = {"iss": party.client_id, "sub": party.client_id, "aud": house.settings.issuer, "jti": jti}
        payload = json.dumps({**claims, "iat": now, "exp": now + 60}).encode()
        assertion = serialize_compact({"alg": "ES256", "kid": "k1"}, payload, key)
        grant = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        return {**grant, "client_assertion": assertion}

    snapshots.take()
    used = form("used")
    assert http.post("/oauth/token", data=used).status_code == 200
    clock.advance(seconds=1)
    snapshots.restore()
    assert http.post("/oauth/token", data=used).status_code == 401
    assert http.post("/oauth/token", data=form("made since")).status_code == 200
