"""Metrics: what is counted, who may read them, and that no label is a client's word."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from idp.house.build import House
from idp.outbox.queue import DeliveryKind
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, make_client, parameters_of


def _read(app: Flask, **environ: Any) -> dict[str, float]:
    answer = app.test_client().get("/metrics", environ_overrides=environ)
    assert answer.status_code == 200, answer.text
    samples = re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+)$", answer.text, re.MULTILINE)
    return {name: float(value) for name, value in samples}


class Difference:
    """What was counted since: other tests of the process count too."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._before = _read(app)

    def of(self, name: str) -> float:
        return _read(self._app).get(name, 0) - self._before.get(name, 0)


def test_a_login_is_counted_at_every_stage(
    house: House, app: Flask, register_person: Callable[..., TestPerson]
) -> None:
    """Requests, login outcomes, sessions and tokens by grant type are counted."""
    person, party, browser, counted = register_person(), make_client(house), FormBrowser(app), Difference(app)
    browser.open(party.authorize_path())
    browser.submit({"identifier": person.login_name, "password": "not the password"})
    browser.log_in(person)
    assert party.redeem(app.test_client(), parameters_of(browser.location)["code"]).status_code == 200
    assert counted.of('yihao_login_steps_total{outcome="refused",step="login.password"}') == 1
    assert counted.of('yihao_login_steps_total{outcome="accepted",step="login.password"}') == 1
    assert counted.of("yihao_sessions_started_total") == 1
    assert counted.of('yihao_tokens_issued_total{grant_type="authorization_code"}') == 1
    assert counted.of('yihao_requests_total{endpoint="/oauth/token",status="200"}') == 1
    assert counted.of('yihao_request_seconds_count{endpoint="/oauth/token"}') == 1
    assert counted.of('yihao_requests_total{endpoint="login.password",status="422"}') == 1


def test_refusals_are_counted_by_error_code(house: House, app: Flask) -> None:
    """A refused client and an unknown redirect are told apart; the words are ours."""
    party, counted, http = make_client(house), Difference(app), app.test_client()
    party.client_secret = "wrong"
    party.token(http, grant_type="authorization_code", code="x")
    http.get("/oauth/authorize?client_id=nobody")
    assert counted.of('yihao_refusals_total{endpoint="/oauth/token",error="invalid_client"}') == 1
    assert counted.of('yihao_requests_total{endpoint="/oauth/token",status="401"}') == 1
    assert counted.of('yihao_refusals_total{endpoint="oauth.authorize",error="unknown_client"}') == 1


def _refused(error: str, endpoint: str = "oauth.authorize") -> str:
    return f'yihao_refusals_total{{endpoint="{endpoint}",error="{error}"}}'


def test_refusals_that_go_by_redirect_are_counted(house: House, app: Flask) -> None:
    """What the authorization endpoint tells a client through the browser, asked by GET, by POST, and once parked."""
    party, counted, http = make_client(house), Difference(app), app.test_client()
    token = party.authorize_path(response_type="token")
    assert "error=unsupported_response_type" in http.get(token).headers["Location"]
    assert counted.of(_refused("unsupported_response_type")) == 1
    posted = {"data": token.partition("?")[2], "content_type": "application/x-www-form-urlencoded"}
    assert "error=unsupported_response_type" in http.post("/oauth/authorize", **posted).headers["Location"]
    assert counted.of(_refused("unsupported_response_type", "oauth.authorize_post")) == 1
    posted["data"] = party.authorize_path(prompt="none").partition("?")[2]
    parked = http.post("/oauth/authorize", **posted).headers["Location"]
    assert counted.of(_refused("login_required", "oauth.authorize_parked")) == 0
    assert "error=login_required" in http.get(parked).headers["Location"]
    assert counted.of(_refused("login_required", "oauth.authorize_parked")) == 1


def test_a_person_who_declines_is_counted(house: House, app: Flask) -> None:
    """The client is told access_denied, from a page of the login."""
    party, counted, browser = make_client(house), Difference(app), FormBrowser(app)
    browser.open(party.authorize_path())
    browser.submit({}, browser.path.rpartition("/")[0] + "/cancel")
    assert "error=access_denied" in browser.location
    assert counted.of(_refused("access_denied", "login.proceed")) == 1


def test_silent_authorizations_are_counted_as_what_they_are(
    house: House, app: Flask, register_person: Callable[..., TestPerson]
) -> None:
    """One that succeeds without a page and one that fails count under the endpoint, refused or not."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(person)
    counted = Difference(app)
    answer = browser.client.get(party.authorize_path(prompt="none"))
    assert "code" in parameters_of(answer.headers["Location"])
    served = 'yihao_requests_total{endpoint="oauth.authorize",status="303"}'
    assert (counted.of(served), counted.of(_refused("login_required"))) == (1, 0)
    answer = browser.client.get(party.authorize_path(prompt="none", max_age="0"))
    assert parameters_of(answer.headers["Location"])["error"] == "login_required"
    assert (counted.of(served), counted.of(_refused("login_required"))) == (2, 1)


def test_no_label_is_what_a_client_sent(house: House, app: Flask) -> None:
    """Paths, grant types, methods and parameters that a client makes up become no label."""
    http = app.test_client()
    http.get("/no/such/zebra-path")
    http.post("/zebra", data={"zebra": "zebra"})
    http.open("/oauth/token", method="ZEBRA")
    http.post("/oauth/token", data={"grant_type": "zebra", "client_id": "zebra"})
    http.get("/oauth/authorize?client_id=zebra&scope=zebra")
    assert "zebra" not in app.test_client().get("/metrics").text


@pytest.mark.parametrize(
    ("environ", "headers"),
    [
        ({"REMOTE_ADDR": "203.0.113.9"}, {}),
        ({}, {"X-Forwarded-For": "127.0.0.1"}),
        ({}, {"Forwarded": "for=127.0.0.1"}),
    ],
)
def test_others_may_not_read_metrics(
    house: House, app: Flask, environ: dict[str, str], headers: dict[str, str]
) -> None:
    """Neither a foreign address nor whoever comes through a proxy that is not listed finds the page."""
    answer = app.test_client().get("/metrics", environ_overrides=environ, headers=headers)
    assert answer.status_code == 404


def test_gauges_tell_what_waits(house: House, app: Flask, clock: FrozenClock) -> None:
    """Outbox depth and the age of unsealed audit rows are read from the database."""
    with house.ground.database.transaction() as session:
        house.protocol.queue.enqueue(session, DeliveryKind.MESSAGE, {"x": "y"}, max_attempts=1)
    make_client(house)
    clock.advance(seconds=90)
    found = _read(app)
    assert found["yihao_outbox_waiting"] == 1
    assert found["yihao_outbox_overdue_seconds"] == 90
    assert found["yihao_audit_unsealed_seconds"] >= 90
